/** HTTP of channels: what they are and how they do. Addresses and credentials stay secrets. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { ConfigFile } from '../config/config-file.ts'
import { NAME, type Config } from '../config/config.ts'
import { knownChannel, removeChannel, setChannel } from '../config/webhook-edits.ts'
import { SummonerError } from '../errors.ts'
import type { Event, Events } from '../events/event.ts'
import { ALERT_TYPES } from './alerts.ts'
import { secretsOf, typeOf, type Channel } from './channel.ts'
import { CHANNEL_TYPES } from './words.ts'
import type { Recipes } from './create-recipes.ts'
import type { Call } from './walk.ts'

export interface ChannelsRoutesDeps {
  recipes: Recipes
  config(): Config
  configFile: Pick<ConfigFile, 'edit'>
  hasSecret(name: string): boolean
  events: Pick<Events, 'list'>
  newUid(): string
  now(): Date
}

const tags = ['channels']
const Open = Type.Object({}, { additionalProperties: true })
const Named = Type.Object({ name: Type.String({ pattern: NAME }) })
const ChannelLine = Type.Object({
  name: Type.String(),
  type: Type.Enum([...CHANNEL_TYPES]),
  settings: Open,
  missing: Type.Array(Type.String(), { description: 'secrets that nobody has set' }),
  waiting: Type.Integer(),
  delivered: Type.Integer(),
  dead: Type.Integer(),
  failing: Type.Boolean(),
})
const DAY = 86_400_000

export const channelsRoutes =
  (deps: ChannelsRoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { recipes, configFile } = deps

    app.get(
      '/channels',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listChannels',
          summary: 'Every channel and how it does',
          tags,
          response: { 200: Type.Object({ channels: Type.Array(ChannelLine) }) },
        },
      },
      () => {
        const counts = recipes.deliveries.counts()
        const lanes = new Map(recipes.dispatcher.lanes().map((lane) => [lane.destination, lane]))
        const channels = Object.entries(deps.config().channels).map(([name, channel]) => {
          const destination = `channel:${name}`
          const own = counts.filter((count) => count.destination === destination)
          const sum = (...states: string[]) =>
            own.filter(({ state }) => states.includes(state)).reduce((total, { count }) => total + count, 0)
          return {
            name,
            type: typeOf(channel),
            settings: { ...channel[typeOf(channel)] },
            missing: secretsOf(channel).filter((secret) => !deps.hasSecret(secret)),
            waiting: sum('waiting', 'pending', 'sending'),
            delivered: sum('delivered'),
            dead: sum('dead'),
            failing: lanes.get(destination)?.breaker.openUntil !== undefined,
          }
        })
        return { channels }
      },
    )

    app.put(
      '/channels/:name',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'setChannel',
          summary: 'Write a channel into config.yml; its secrets are set by themselves',
          tags,
          params: Named,
          body: Open,
          response: { 200: Type.Object({ name: Type.String(), missing: Type.Array(Type.String()) }) },
        },
      },
      async (request) => {
        const { name } = request.params
        const channel = request.body as Channel
        const { config } = await configFile.edit(setChannel(name, channel))
        const missing = secretsOf(knownChannel(config, name)).filter((secret) => !deps.hasSecret(secret))
        return { name, missing }
      },
    )

    app.delete(
      '/channels/:name',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'removeChannel',
          summary: 'Take a channel out of config.yml',
          tags,
          params: Named,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await configFile.edit(removeChannel(request.params.name))
        return reply.code(204).send(null)
      },
    )

    app.post(
      '/channels/:name/test',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'testChannel',
          summary: 'Send a message now, and say what came of it',
          tags,
          params: Named,
          body: Type.Object({ text: Type.Optional(Type.String({ minLength: 1, maxLength: 2000 })) }),
          response: { 200: Type.Object({ name: Type.String() }) },
        },
      },
      async (request) => {
        const { name } = request.params
        const type = typeOf(knownChannel(deps.config(), name))
        const text = request.body.text ?? 'Summoner can write here.'
        const outcome = await recipes.carryOut(callFor(type, name, text), deps.newUid())
        if (!outcome.ok) throw new SummonerError('channel.failed', `${name}: ${outcome.error}.`)
        return { name }
      },
    )

    app.get(
      '/alerts',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listAlerts',
          summary: 'What went wrong within a day and has not recovered since',
          tags,
          response: {
            200: Type.Object({
              alerts: Type.Array(
                Type.Object({
                  id: Type.Integer(),
                  at: Type.String(),
                  type: Type.String(),
                  minion: Type.Optional(Type.String()),
                  title: Type.String(),
                }),
              ),
            }),
          },
        },
      },
      () => ({
        alerts: openAlerts(deps.events.list({ source: 'summoner', limit: 1000 }), deps.now().getTime() - DAY),
      }),
    )
  }

function callFor(type: string, channel: string, text: string): Call {
  if (type === 'wekan') return { action: 'card', channel, title: text, text: '' }
  if (type === 'gitlab') return { action: 'issue', channel, title: text, text: '', labels: [] }
  if (type === 'http')
    return { action: 'request', channel, method: '', body: { type: 'summoner.test', text } }
  return { action: 'post', channel, message: { text } }
}

const GOOD = /\.(recovered|succeeded|summoned|started|back|issued)$/u

/** The last word on each thing, where that word is bad. Pure. */
export function openAlerts(events: readonly Event[], since: number) {
  const last = new Map<string, Event>()
  const bad = new Set<string>(ALERT_TYPES)
  for (const event of events) {
    if (Date.parse(event.at) < since) continue
    const key = `${event.type.split('.')[0]} ${event.minion ?? event.subject ?? ''}`
    if (bad.has(event.type) && event.type !== 'minion.recovered') last.set(key, event)
    else if (GOOD.test(event.type)) last.delete(key)
  }
  return [...last.values()].map(({ id, at, type, minion, title }) => ({
    id,
    at,
    type,
    ...(minion === undefined ? {} : { minion }),
    title,
  }))
}
