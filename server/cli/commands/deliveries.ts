import type { Delivery } from '../../webhooks/delivery.ts'
import { DELIVERY_STATES } from '../../webhooks/words.ts'
import type { Command } from '../command.ts'
import { usageError } from '../refusal.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'
import { age } from '../units.ts'

const FILTER = {
  state: { type: 'string', value: 'STATE', help: 'only one state', values: DELIVERY_STATES },
  channel: { type: 'string', value: 'CHANNEL', completes: 'channel', help: 'only to one channel' },
  recipe: { type: 'string', value: 'RECIPE', completes: 'recipe', help: 'only of one recipe' },
} as const

function filterOf(options: { text(name: string): string | undefined }): Record<string, string> {
  const [state, channel, recipe] = [options.text('state'), options.text('channel'), options.text('recipe')]
  return {
    ...(state === undefined ? {} : { state }),
    ...(channel === undefined ? {} : { destination: channel === 'mail' ? 'mail' : `channel:${channel}` }),
    ...(recipe === undefined ? {} : { recipe }),
  }
}

export const deliveries: Command = {
  name: 'deliveries',
  summary: 'show what recipes sent, what waits and what was given up; or one in detail',
  arguments: [{ name: 'ID', optional: true }],
  options: { ...FILTER, limit: { type: 'string', short: 'n', value: 'COUNT', help: 'how many (50)' } },
  examples: ['summoner deliveries', 'summoner deliveries --state dead', 'summoner deliveries 4711'],
  run: async ({ args, api, options, out, world }) => {
    const [id] = args
    if (id !== undefined) {
      const found = await api.call<Detail>('GET', `/deliveries/${numberOf(id)}`)
      out.document(found)
      out.line(...detailsOf(found))
      return
    }
    const query = new URLSearchParams({
      ...filterOf(options),
      limit: numberOf(options.text('limit') ?? '50'),
    })
    const list = await api.list<Delivery>(`/deliveries?${query.toString()}`, 'deliveries')
    out.document({ deliveries: list })
    if (list.length === 0) return out.line('Nothing was delivered yet.')
    const { red, dim, green, blue } = out.style
    const paints = {
      dead: red,
      delivered: green,
      dropped: dim,
      joined: dim,
      pending: blue,
      sending: blue,
      waiting: blue,
    }
    out.line(
      ...renderTable(
        [
          { title: 'ID', align: 'right' },
          { title: 'STATE' },
          { title: 'RECIPE', min: 8, optional: 1 },
          { title: 'TO', min: 8 },
          { title: 'TRIES', align: 'right', optional: 3 },
          { title: 'AGE', optional: 2 },
          { title: 'ERROR', min: 10, optional: 4 },
        ],
        list.map((one) => [
          String(one.id),
          { text: one.state, paint: paints[one.state] },
          one.recipe,
          one.destination,
          String(one.attempts),
          age(one.createdAt, world.now()),
          one.error ?? '',
        ]),
        out.width(),
        out.style,
      ),
    )
  },
}

interface Detail {
  delivery: Delivery
  tries: { attempt: number; at: string; tookMs: number; status?: number; error?: string }[]
}

function detailsOf({ delivery, tries }: Detail): string[] {
  const facts = [
    ['State', delivery.state],
    ['Recipe', `${delivery.recipe}, step ${delivery.step}`],
    ['Event', String(delivery.event)],
    ['To', delivery.destination],
    ['Next try', delivery.nextAt ?? ''],
    ['Error', delivery.error ?? ''],
  ]
  return [
    ...facts.flatMap(([title = '', text]) => (text ? [`${title.padEnd(9)} ${clean(text)}`] : [])),
    '',
    ...JSON.stringify(delivery.call, null, 2).split('\n').map(clean),
    ...(tries.length > 0 ? [''] : []),
    ...tries.map(({ attempt, at, tookMs, status, error }) =>
      clean(
        `${attempt}. ${at.slice(0, 19).replace('T', ' ')} ${tookMs} ms ${status ?? ''} ${error ?? 'taken'}`,
      ),
    ),
  ]
}

export const deliveriesReplay: Command = {
  name: 'deliveries replay',
  summary: 'send again: one by its ID, or all that were given up and fit',
  arguments: [{ name: 'ID', optional: true }],
  options: { ...FILTER, all: { type: 'boolean', help: 'everything that was given up' } },
  examples: [
    'summoner deliveries replay 4711',
    'summoner deliveries replay --channel team',
    'summoner deliveries replay --all',
  ],
  run: async ({ args, api, options, out }) => {
    const [id] = args
    const filter = filterOf(options)
    if (id === undefined && !options.flag('all') && Object.keys(filter).length === 0)
      throw usageError(
        'Name an ID, a filter, or --all',
        'For example `summoner deliveries replay --channel team`.',
      )
    const { replayed } = await api.call<{ replayed: number }>(
      'POST',
      id === undefined ? '/deliveries/replay' : `/deliveries/${numberOf(id)}/replay`,
      id === undefined ? filter : undefined,
    )
    out.document({ replayed })
    out.line(`${out.style.green('✔')} ${replayed} will be sent again.`)
  },
}

function numberOf(text: string): string {
  if (/^\d{1,15}$/u.test(text)) return text
  throw usageError(`${clean(text)} is no number`, 'Numbers stand in `summoner deliveries`.')
}
