/** Answers are cut to what their schema names: nothing that a handler held by chance leaves the house. */
import SerializerSelector from '@fastify/fast-json-stringify-compiler'
import type { FastifySerializerCompiler } from 'fastify'

type Serialize = (data: unknown) => string

/** As with the validators: compiled when an answer is first sent. */
export function createSerializerCompiler({ atOnce = false } = {}): FastifySerializerCompiler<unknown> {
  const build = SerializerSelector()({}, {}) as (route: unknown) => Serialize
  return (route) => {
    let compiled: Serialize | undefined = atOnce ? build(route) : undefined
    return (data: unknown) => (compiled ??= build(route))(data)
  }
}
