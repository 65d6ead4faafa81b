import t from 'tap'
import type { Event } from '../events/event.ts'
import { ALERT_TYPES, recipesOf } from './alerts.ts'
import { openAlerts } from './channels.routes.ts'
import { configOf } from './rig.fixture.ts'

t.test('what is still wrong', async (t) => {
  let id = 0
  const event = (type: string, minion?: string, at = '2026-11-21T10:00:00Z'): Event => ({
    id: ++id,
    at,
    type,
    source: 'summoner',
    severity: 'error',
    title: `${type} ${minion ?? ''}`,
    data: {},
    ...(minion === undefined ? {} : { minion }),
  })
  const since = Date.parse('2026-11-21T00:00:00Z')
  const open = (...events: Event[]) => openAlerts(events, since).map(({ title }) => title)
  t.same(open(event('minion.failed', 'a')), ['minion.failed a'])
  t.same(open(event('minion.failed', 'a'), event('minion.summoned', 'a')), [], 'it works again')
  t.same(
    open(event('minion.unhealthy', 'a'), event('minion.recovered', 'b')),
    ['minion.unhealthy a'],
    'another recovered',
  )
  t.same(
    open(event('backup.failed', 'a'), event('minion.started', 'a')),
    ['backup.failed a'],
    'a start mends no backup',
  )
  t.same(open(event('backup.failed', 'a'), event('backup.succeeded', 'a')), [])
  t.same(open(event('engine.lost'), event('engine.back')), [])
  t.same(open(event('minion.failed', 'a', '2026-11-20T10:00:00Z')), [], 'long ago')
  const locked = { ...event('sign-in.locked'), subject: 'mira' }
  t.same(open(locked, { ...event('sign-in.succeeded'), subject: 'zoe' }), ['sign-in.locked '])
  t.same(open(locked, { ...event('sign-in.succeeded'), subject: 'mira' }), [], 'she came in')
  t.same(open(event('config.changed'), event('minion.recovered', 'a')), [])
})

t.test('only until there is a recipe, and only with a mail server', async (t) => {
  const mail = '  mail: {host: localhost}\n'
  t.same(recipesOf(configOf('')), [])
  t.match(recipesOf(configOf(mail)), [{ name: 'alerts', on: { source: 'summoner', type: [...ALERT_TYPES] } }])
  const own = `${mail}  recipes: [{name: own, on: {type: x}, do: [{mail: {to: a@b.example, text: x}}]}]\n`
  t.match(
    recipesOf(configOf(own)).map(({ name }) => name),
    ['own'],
  )
})
