import type { Minion } from '../../minions/minion.ts'
import type { Command } from '../command.ts'
import type { Style } from '../style.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'
import { age } from '../units.ts'

/** Sign and word: a state is never told by colour alone. */
export function stateCell(status: Minion['status'], style: Style) {
  const known = {
    running: { text: '● Running', paint: style.green },
    starting: { text: '◐ Starting', paint: style.blue },
    degraded: { text: '▲ Degraded', paint: style.yellow },
    failed: { text: '■ Failed', paint: style.red },
    stopped: { text: '○ Stopped', paint: style.dim },
    updating: { text: '↻ Updating', paint: style.blue },
    absent: { text: '○ Absent', paint: style.dim },
  }
  return known[status]
}

export function statusTable(minions: readonly Minion[], width: number, style: Style): string[] {
  return renderTable(
    [
      { title: 'STATE' },
      { title: 'NAME', min: 8 },
      { title: 'ADDRESS', min: 16, optional: 2 },
      { title: 'VERSION', optional: 3 },
      { title: 'REASON', min: 16, optional: 1 },
    ],
    minions.map((minion) => [
      stateCell(minion.status, style),
      minion.name,
      minion.url ?? '',
      minion.version ?? '',
      reasonOf(minion),
    ]),
    width,
    style,
  )
}

const reasonOf = (minion: Minion) =>
  minion.reason ??
  (minion.drift.length > 0
    ? `changed by hand: ${minion.drift.join(', ')}`
    : minion.pending
      ? 'changes wait for apply'
      : '')

export const status: Command = {
  name: 'status',
  summary: 'show every minion, or one in detail',
  arguments: [{ name: 'MINION', optional: true, completes: 'minion' }],
  examples: ['summoner status', 'summoner status wordpress', "summoner status --json | jq '.minions[].name'"],
  run: async ({ args, api, out, world }) => {
    const [name] = args
    if (name !== undefined) {
      const minion = await api.call<Minion>('GET', `/minions/${encodeURIComponent(name)}`)
      out.document(minion)
      out.line(...details(minion, out.width(), out.style, world.now()))
      return
    }
    const minions = await api.list<Minion>('/minions', 'minions')
    out.document({ minions })
    if (minions.length === 0) out.line('No minions yet. Summon one: summoner add wordpress')
    else out.line(...statusTable(minions, out.width(), out.style))
    if (out.json) return
    // an older daemon knows none
    const alerts = await api.list<{ title: string; at: string }>('/alerts', 'alerts').catch(() => [])
    for (const { title, at } of alerts.slice(-5))
      out.note(`${out.style.red('■')} ${clean(title)} ${out.style.dim(age(at, world.now()))}`)
  },
}

function details(minion: Minion, width: number, style: Style, now: number): string[] {
  const state = stateCell(minion.status, style)
  const facts: [string, string | undefined][] = [
    ['Address', minion.url],
    ['Template', `${minion.template}${minion.version ? ` ${minion.version}` : ''}`],
    ['Images', minion.images],
    ['Database', minion.database && `${minion.database.name} on ${minion.database.server}`],
    ['Wanted', minion.desired],
    ['Reason', minion.reason],
    ['By hand', minion.drift.join(', ') || undefined],
    ['Waiting', minion.pending ? 'changes wait for `summoner apply`' : undefined],
    ['Job', minion.job],
  ]
  const table = renderTable(
    [
      { title: 'SERVICE' },
      { title: 'STATE' },
      { title: 'HEALTH', optional: 3 },
      { title: 'RESTARTS', align: 'right', optional: 4 },
      { title: 'SINCE', optional: 5 },
      { title: 'IMAGE', min: 12, optional: 2 },
      { title: 'CONTAINER', min: 12, optional: 1 },
    ],
    minion.containers.map((one) => [
      one.service,
      one.state,
      one.health === 'none' ? '' : one.health,
      String(one.restarts),
      one.since ? age(one.since, now) : '',
      one.image,
      one.name,
    ]),
    width,
    style,
  )
  return [
    `${state.paint(state.text)}  ${style.bold(clean(minion.name))}`,
    ...facts.flatMap(([title, text]) => (text ? [`  ${title.padEnd(9)} ${clean(text)}`] : [])),
    ...(minion.containers.length > 0 ? ['', ...table] : []),
  ]
}
