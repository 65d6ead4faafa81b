import Fastify from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { sendProblem, toProblemError } from './problem.ts'
import { closed, createValidatorCompiler } from './validation.ts'

t.test('objects are closed wherever they did not say', async (t) => {
  const schema = Type.Object({
    inner: Type.Object({ x: Type.Number() }),
    list: Type.Array(Type.Object({})),
    either: Type.Union([Type.Object({ a: Type.String() }), Type.String()]),
    open: Type.Object({}, { additionalProperties: true }),
    env: Type.Record(Type.String(), Type.String()),
  })
  const before = JSON.stringify(schema)
  const result = JSON.parse(JSON.stringify(closed(schema))) as {
    additionalProperties: unknown
    properties: never
  }
  t.equal(JSON.stringify(schema), before, 'the original is not touched')
  t.match(result, {
    additionalProperties: false,
    properties: {
      inner: { additionalProperties: false },
      list: { items: { additionalProperties: false } },
      either: { anyOf: [{ additionalProperties: false }, { type: 'string' }] },
      open: { additionalProperties: true },
    },
  })
  t.notOk('additionalProperties' in (result.properties as { env: object }).env)
  const joined = Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })])
  t.equal(closed(joined), joined, 'the branches of an allOf are left alone')
})

t.test('what is refused, where, and why', async (t) => {
  const app = Fastify()
  app.setValidatorCompiler(createValidatorCompiler())
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, toProblemError(error)))
  const body = Type.Object({
    name: Type.String({ pattern: '^[a-z]+$', maxLength: 5 }),
    count: Type.Optional(Type.Integer()),
    env: Type.Optional(Type.Record(Type.String(), Type.String())),
    mode: Type.Optional(Type.Union([Type.Literal('hot'), Type.Literal('cold')])),
    list: Type.Optional(Type.Array(Type.Object({ at: Type.String({ format: 'date-time' }) }))),
  })
  const querystring = Type.Object({
    limit: Type.Optional(Type.Integer({ maximum: 10, default: 3 })),
    purge: Type.Optional(Type.Boolean()),
    only: Type.Optional(Type.Array(Type.String())),
  })
  app.post('/x/:id', { schema: { body: closed(body), querystring: closed(querystring) } }, (request) => ({
    body: request.body,
    query: request.query,
  }))

  const send = async (payload: unknown, query = '') =>
    app.inject({
      method: 'POST',
      url: `/x/1${query}`,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(payload),
    })
  const refused: [payload: unknown, path: string | undefined, detail: RegExp, query?: string][] = [
    [{}, 'name', /name is missing/],
    [{ name: 'a', nmae: 'b' }, 'nmae', /nmae is not known/],
    [{ name: 5 }, 'name', /must be string/],
    [{ name: 'A' }, 'name', /must match pattern/],
    [{ name: 'abcdef' }, 'name', /5 characters/],
    [{ name: 'a', count: '5' }, 'count', /must be integer/],
    [{ name: 'a', count: true }, 'count', /must be integer/],
    [{ name: 'a', env: { 'a/b.c': 5 } }, 'env.a/b.c', /must be string/],
    [{ name: 'a', mode: 'warm' }, 'mode', /mode must be/],
    [{ name: 'a', list: [{ at: 'now' }] }, 'list.0.at', /date-time/],
    [{ name: 'a', list: [{ at: '2026-01-01T00:00:00Z', x: 1 }] }, 'list.0.x', /not known/],
    [[], undefined, /the body must be object/],
    ['text', undefined, /the body must be object/],
    [null, undefined, /the body must be object/],
    [{ name: 'a' }, 'querystring.limit', /must be integer/, '?limit=many'],
    [{ name: 'a' }, 'querystring.limit', /<= 10/, '?limit=11'],
    [{ name: 'a' }, 'querystring.purge', /must be boolean/, '?purge=perhaps'],
    [{ name: 'a' }, 'querystring.limt', /not known/, '?limt=1'],
  ]
  for (const [payload, path, detail, query] of refused) {
    const response = await send(payload, query)
    t.equal(response.statusCode, 422, JSON.stringify([payload, query]))
    t.match(response.headers['content-type'], /^application\/problem\+json/)
    const problem = response.json<{ code: string; path?: string; detail: string }>()
    t.match(problem, { code: 'input.invalid', detail })
    t.equal(problem.path, path)
  }
  const good = await send({ name: 'a', count: 5 }, '?limit=7&purge=true&only=a')
  t.same(good.json(), { body: { name: 'a', count: 5 }, query: { limit: 7, purge: true, only: ['a'] } })
  t.same((await send({ name: 'a' })).json(), { body: { name: 'a' }, query: { limit: 3 } })
})
