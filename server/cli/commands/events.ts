import type { Event } from '../../events/event.ts'
import type { Command, Context } from '../command.ts'
import { usageError } from '../refusal.ts'
import { untilInterrupted } from '../stream.ts'
import { clean, fit } from '../text.ts'

const WHICH = {
  minion: { type: 'string', value: 'MINION', completes: 'minion', help: 'only of one minion' },
  type: { type: 'string', value: 'TYPE', help: 'only one type, e.g. minion.failed' },
  source: {
    type: 'string',
    value: 'SOURCE',
    completes: 'source',
    help: 'only of one sender: summoner, or a source',
  },
} as const

export const events: Command = {
  name: 'events',
  summary: 'show what happened on this box',
  options: {
    follow: { type: 'boolean', short: 'f', help: 'keep showing new events' },
    ...WHICH,
    limit: { type: 'string', short: 'n', value: 'COUNT', help: 'how many (50)' },
  },
  examples: ['summoner events', 'summoner events -f --minion wordpress', 'summoner events --json'],
  run: async (context) => show(context, context.options.flag('follow'), '50'),
}

export const eventsTail: Command = {
  name: 'events tail',
  summary: 'show events as they come, after the newest few',
  options: { ...WHICH, limit: { type: 'string', short: 'n', value: 'COUNT', help: 'how many first (10)' } },
  examples: ['summoner events tail', 'summoner events tail --source gitlab'],
  run: async (context) => show(context, true, '10'),
}

async function show(context: Context, follow: boolean, usual: string): Promise<void> {
  const { api, options, out } = context
  const limit = options.text('limit') ?? usual
  if (!/^\d{1,4}$/u.test(limit)) throw usageError('--limit wants a number', 'For example --limit 50.')
  const query = new URLSearchParams({ limit })
  for (const name of ['minion', 'type', 'source']) {
    const value = options.text(name)
    if (value !== undefined) query.set(name, value)
  }
  const sign = { info: out.style.dim('·'), warning: out.style.yellow('▲'), error: out.style.red('■') }
  const line = (event: Event) => {
    const time = event.at.replace('T', ' ').slice(0, 19)
    out.line(
      `${sign[event.severity]} ${out.style.dim(time)} ${fit(clean(event.type), 20)} ${clean(event.title)}`,
    )
  }
  const list = await api.list<Event>(`/events?${query.toString()}`, 'events')
  list.sort((a, b) => a.id - b.id)
  if (!follow) {
    out.document({ events: list })
    list.forEach(line)
    return
  }
  const wanted = (event: Event) =>
    (query.get('minion') ?? event.minion) === event.minion &&
    (query.get('type') ?? event.type) === event.type &&
    (query.get('source') ?? event.source) === event.source
  const both = (event: Event) => {
    out.document(event, true)
    line(event)
  }
  list.forEach(both)
  let last = list.at(-1)?.id ?? 0
  await untilInterrupted(context, `/events/stream?after=${last}`, ({ data }) => {
    const event = JSON.parse(data) as Event
    if (event.id <= last || !wanted(event)) return
    last = event.id
    both(event)
  })
}
