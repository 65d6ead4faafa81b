import type { Command, Context } from '../command.ts'
import { usageError } from '../refusal.ts'
import { untilInterrupted } from '../stream.ts'
import { clean, fit } from '../text.ts'
import { parseDuration } from '../units.ts'

interface LogLine {
  at: string
  service: string
  stream: string
  line: string
}

export const logs: Command = {
  name: 'logs',
  summary: 'show what a minion writes',
  arguments: [{ name: 'MINION', completes: 'minion' }],
  options: {
    follow: { type: 'boolean', short: 'f', help: 'keep showing new lines' },
    since: { type: 'string', value: 'TIME', help: '10m, 2h, 1d or a date' },
    tail: { type: 'string', short: 'n', value: 'LINES', help: 'only the last lines (100)' },
    service: { type: 'string', short: 's', value: 'SERVICE', help: 'only one service of the minion' },
  },
  examples: ['summoner logs wordpress -f', 'summoner logs wordpress --since 10m --service db'],
  run: async (context) => {
    const { args, api, options, out } = context
    const query = queryOf(context)
    const path = `/minions/${encodeURIComponent(args[0] ?? '')}/logs`
    const show = (entry: LogLine) => {
      out.document(entry, true)
      const time = entry.at.replace('T', ' ').slice(0, 19)
      out.line(`${out.style.dim(`${time} ${fit(clean(entry.service), 10)} |`)} ${clean(entry.line)}`)
    }
    if (options.flag('follow')) {
      query.set('follow', 'true')
      await untilInterrupted(context, `${path}?${query.toString()}`, ({ data }) => {
        const entry = JSON.parse(data) as Partial<LogLine>
        if (entry.line !== undefined) show(entry as LogLine)
      })
      return
    }
    const { lines } = await api.call<{ lines: LogLine[] }>('GET', `${path}?${query.toString()}`)
    if (out.json) out.document({ lines })
    else lines.forEach(show)
  },
}

function queryOf({ options, world }: Context): URLSearchParams {
  const query = new URLSearchParams({ tail: '100' })
  const tail = options.text('tail')
  if (tail !== undefined) {
    if (!/^\d{1,6}$/u.test(tail))
      throw usageError('--tail wants a number of lines', 'For example --tail 100.')
    query.set('tail', tail)
  }
  const since = options.text('since')
  if (since !== undefined) query.set('since', instantOf(since, world.now()))
  const service = options.text('service')
  if (service !== undefined) query.set('service', service)
  return query
}

function instantOf(text: string, now: number): string {
  const ago = parseDuration(text)
  const instant = ago === undefined ? Date.parse(text) : now - ago
  if (Number.isNaN(instant))
    throw usageError(`--since ${clean(text)} is no time`, 'Write 10m, 2h30m, 1d or 2026-03-01T12:00.')
  return new Date(instant).toISOString()
}
