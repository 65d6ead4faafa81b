import t from 'tap'
import type { Minion } from '../minions/minion.ts'
import { statusTable } from './commands/status.ts'
import { createStyle } from './style.ts'
import { renderTable } from './table.ts'
import { displayWidth } from './text.ts'

const plain = createStyle(false)
const minion = (name: string, status: Minion['status'], more: Partial<Minion> = {}): Minion => ({
  name,
  template: name,
  status,
  desired: 'running',
  drift: [],
  pending: false,
  containers: [],
  ...more,
})
const minions = [
  minion('nginx', 'running', { version: '1.26.3' }),
  minion('wordpress', 'degraded', {
    url: 'https://wordpress.kit.test',
    version: '6.8.3',
    reason: 'The certificate could not be made: rate limit',
  }),
  minion('ghost', 'failed', {
    url: 'https://ghost.kit.test',
    version: '6.65.0',
    reason: 'It keeps restarting',
  }),
  minion('site', 'updating', { url: 'https://kit.test' }),
  minion('old', 'stopped', { desired: 'stopped' }),
  minion('wiki', 'running', { url: 'https://wiki.kit.test', drift: ['image'] }),
  minion('chat', 'starting', { pending: true }),
  minion('new', 'absent'),
]

t.test('status on a wide terminal', async (t) => {
  t.same(statusTable(minions, 120, plain), [
    'STATE       NAME       ADDRESS                     VERSION  REASON',
    '● Running   nginx                                  1.26.3',
    '▲ Degraded  wordpress  https://wordpress.kit.test  6.8.3    The certificate could not be made: rate limit',
    '■ Failed    ghost      https://ghost.kit.test      6.65.0   It keeps restarting',
    '↻ Updating  site       https://kit.test',
    '○ Stopped   old',
    '● Running   wiki       https://wiki.kit.test                changed by hand: image',
    '◐ Starting  chat                                            changes wait for apply',
    '○ Absent    new',
  ])
})

t.test('status on a narrow terminal: addresses and reasons shrink, then columns go', async (t) => {
  t.same(statusTable(minions.slice(0, 3), 60, plain), [
    'STATE       NAME       ADDRESS              REASON',
    '● Running   nginx',
    '▲ Degraded  wordpress  https://wordpress.…  The certificate…',
    '■ Failed    ghost      https://ghost.kit.…  It keeps restar…',
  ])
})

t.test('no line is wider than the terminal, at any width, with any text', async (t) => {
  const wide = [...minions, minion('日本語'.repeat(12), 'running', { reason: '\u001B[31m日本'.repeat(20) })]
  for (let width = 8; width < 160; width++)
    for (const line of statusTable(wide, width, plain)) t.ok(displayWidth(line) <= width, `${width}: ${line}`)
})

t.test('colours wrap what they mean and nothing else; every painted line closes its colour', async (t) => {
  for (const width of [20, 40, 60, 200])
    for (const line of statusTable(minions, width, createStyle(true)).slice(1)) {
      const open = line.match(/\p{Cc}\[(?:3[0-8]|2)m/gu) ?? []
      const close = line.match(/\p{Cc}\[(?:39|22)m/gu) ?? []
      t.equal(open.length, close.length, JSON.stringify(line))
    }
})

t.test('numbers stand to the right; columns without any value are left out', async (t) => {
  const columns = [{ title: 'N', align: 'right' as const }, { title: 'EMPTY', optional: 1 }, { title: 'X' }]
  t.same(
    renderTable(
      columns,
      [
        ['7', '', 'a'],
        ['42', '', 'b'],
      ],
      80,
      plain,
    ),
    [' N  X', ' 7  a', '42  b'],
  )
})
