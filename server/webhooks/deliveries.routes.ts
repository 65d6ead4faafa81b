/** HTTP of deliveries: what was sent, what waits, what was given up; sending again. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { SummonerError } from '../errors.ts'
import type { Recipes } from './create-recipes.ts'
import type { ListedRow } from './delivery-store.ts'
import { DeliverySchema, type Delivery } from './delivery.ts'
import { DELIVERY_STATES } from './words.ts'

const tags = ['deliveries']
const Id = Type.Object({ id: Type.Integer({ minimum: 1 }) })
const Filter = {
  state: Type.Optional(Type.Enum([...DELIVERY_STATES])),
  destination: Type.Optional(Type.String({ maxLength: 80, description: 'channel:team, mail, minion:blog' })),
  recipe: Type.Optional(Type.String({ maxLength: 40 })),
  event: Type.Optional(Type.Integer({ minimum: 1 })),
}
const Tries = Type.Array(
  Type.Object({
    attempt: Type.Integer(),
    at: Type.String(),
    tookMs: Type.Integer(),
    status: Type.Optional(Type.Integer()),
    error: Type.Optional(Type.String()),
  }),
)
const MOST_REPLAYED = 10_000
const PAGE = 1000

export const deliveriesRoutes =
  ({ recipes }: { recipes: Recipes }): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { deliveries } = recipes

    app.get(
      '/deliveries',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'listDeliveries',
          summary: 'Deliveries, the newest first',
          tags,
          querystring: Type.Object({
            ...Filter,
            before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only those with a lower id.' })),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 50 })),
          }),
          response: { 200: Type.Object({ deliveries: Type.Array(DeliverySchema) }) },
        },
      },
      (request) => ({ deliveries: deliveries.list(request.query).map(deliveryOf) }),
    )

    app.get(
      '/deliveries/:id',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'getDelivery',
          summary: 'One delivery with every try',
          tags,
          params: Id,
          response: { 200: Type.Object({ delivery: DeliverySchema, tries: Tries }) },
        },
      },
      (request) => {
        const { id } = request.params
        const [row] = deliveries.list({ before: id + 1, limit: 1 })
        if (row?.id !== id) throw unknown(id)
        const tries = deliveries.attempts(id).map(({ attempt, at, took_ms: tookMs, status, error }) => ({
          attempt,
          at: new Date(at).toISOString(),
          tookMs,
          ...(status === null ? {} : { status }),
          ...(error === null ? {} : { error }),
        }))
        return { delivery: deliveryOf(row), tries }
      },
    )

    app.post(
      '/deliveries/:id/replay',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'replayDelivery',
          summary: 'Send again what was delivered or given up',
          tags,
          params: Id,
          response: { 202: Type.Object({ replayed: Type.Integer() }) },
        },
      },
      async (request, reply) => {
        const { id } = request.params
        if (!recipes.replay(id)) {
          const row = deliveries.get(id)
          if (!row) throw unknown(id)
          throw new SummonerError('delivery.underway', `Delivery ${id} is ${row.state}.`)
        }
        return reply.code(202).send({ replayed: 1 })
      },
    )

    app.post(
      '/deliveries/replay',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'replayDeliveries',
          summary: 'Send again all that fit; those that were given up unless another state is named',
          tags,
          body: Type.Object(Filter),
          response: { 202: Type.Object({ replayed: Type.Integer() }) },
        },
      },
      async (request, reply) => {
        const filter = { ...request.body, state: request.body.state ?? 'dead' }
        let before: number | undefined
        let replayed = 0
        // collected first: what is sent again must not come up a second time
        const ids: number[] = []
        while (ids.length < MOST_REPLAYED) {
          const page = deliveries.list({ ...filter, before, limit: PAGE })
          ids.push(...page.map(({ id }) => id))
          before = page.at(-1)?.id
          if (page.length < PAGE) break
        }
        for (const id of ids.toReversed()) if (recipes.replay(id)) replayed++
        return reply.code(202).send({ replayed })
      },
    )
  }

const unknown = (id: number) =>
  new SummonerError('delivery.unknown', `There is no delivery ${id}, or no longer.`)

export function deliveryOf(row: ListedRow): Delivery {
  const waits = row.state === 'pending' || row.state === 'waiting'
  return {
    id: row.id,
    state: row.state,
    recipe: row.recipe,
    event: row.event_id,
    step: row.step,
    destination: row.destination,
    call: JSON.parse(row.call) as unknown,
    attempts: row.attempts,
    createdAt: new Date(row.created_at).toISOString(),
    ...(waits ? { nextAt: new Date(row.due_at).toISOString() } : {}),
    ...(row.ended_at === null ? {} : { endedAt: new Date(row.ended_at).toISOString() }),
    ...(row.error === null ? {} : { error: row.error }),
    ...(row.result === null ? {} : { result: JSON.parse(row.result) as unknown }),
    ...(row.leader === null ? {} : { joined: row.leader }),
  }
}
