import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { openDatabase } from '../db/open-database.ts'
import { createHttp } from '../http/create-http.ts'
import { ownEventTypes, type EventTypeLine } from './catalogue.ts'
import { createEvents } from './create-events.ts'
import { eventsRoutes } from './events.routes.ts'
import { followEvents } from './follow-events.ts'
import type { Event } from './event.ts'

const folder = mkdtempSync(join(tmpdir(), 'summoner-events-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function box(keep?: number, file = join(folder, `${++files}.db`)) {
  const errors: unknown[] = []
  const log = { info() {}, error: (data: unknown) => void errors.push(data) }
  const { db } = openDatabase({ file, log })
  const now = () => new Date('2026-03-01T12:00:00.000Z')
  return { file, db, errors, events: createEvents({ db, log, now, ...(keep === undefined ? {} : { keep }) }) }
}

const titles = (events: Event[]) => events.map(({ title }) => title)

t.test('events are kept in order and found again', async (t) => {
  const { events, db, file } = box()
  const first = events.append({ type: 'minion.summoned', minion: 'cloud', title: 'one', data: { a: [1] } })
  t.same(first, {
    id: 1,
    at: '2026-03-01T12:00:00.000Z',
    type: 'minion.summoned',
    source: 'summoner',
    minion: 'cloud',
    severity: 'info',
    title: 'one',
    data: { a: [1] },
  })
  events.append({ type: 'engine.lost', severity: 'error', title: 'two' })
  events.append({ type: 'minion.failed', minion: 'chat', severity: 'warning', title: 'three' })
  events.append({ type: 'minion.failed', minion: 'cloud', title: 'four' })
  t.same(titles(events.list()), ['one', 'two', 'three', 'four'])
  t.same(titles(events.list({ limit: 2 })), ['three', 'four'], 'the newest, oldest first')
  t.same(titles(events.list({ after: 1, limit: 2 })), ['two', 'three'], 'the next ones behind a position')
  t.same(titles(events.list({ minion: 'cloud' })), ['one', 'four'])
  t.same(titles(events.list({ type: 'minion.failed', minion: 'cloud' })), ['four'])
  t.same(events.list({ after: 99 }), [])
  db.close()
  const again = box(undefined, file)
  t.same(again.events.list({ limit: 4 })[0], first)
  again.db.exec("UPDATE events SET data = '{' WHERE id = 1")
  t.same(again.events.list({ limit: 4 })[0]?.data, {}, 'a row that makes no sense hides no other')
})

t.test('the oldest go, and their ids never come again', async (t) => {
  const { events, db } = box(50)
  for (let count = 1; count <= 401; count++) events.append({ type: 'config.changed', title: `${count}` })
  const kept = events.list({ limit: 1000 })
  t.equal(kept.at(-1)?.id, 401)
  t.ok(kept.length >= 50 && kept.length < 150, `${kept.length}`)
  db.exec('DELETE FROM events')
  t.equal(events.append({ type: 'config.changed', title: 'next' }).id, 402)
})

t.test('facts of others are kept beside ours', async (t) => {
  const { events, db } = box(50)
  const sent = {
    type: 'push',
    source: 'gitlab',
    minion: 'git',
    title: 'Mira Holt pushed to main',
    actor: { name: 'Mira Holt', username: 'mira' },
    subject: 'main',
    url: 'https://git.example.org/acme/shop',
    project: 'acme/shop',
    time: '2026-03-01T11:59:00Z',
    data: { ref: 'main', payload: { object_kind: 'push' } },
  }
  const kept = events.appendWith((append) => append(sent))
  t.same(kept, { id: 1, at: '2026-03-01T12:00:00.000Z', severity: 'info', ...sent })
  t.same(events.get(1), kept)
  t.equal(events.get(2), undefined)
  for (let count = 0; count < 300; count++) events.append({ type: 'config.changed', title: `${count}` })
  t.same(titles(events.list({ source: 'gitlab' })), [sent.title], 'our own history pushes out no other')
  db.exec("UPDATE events SET actor = 'x' WHERE id = 1")
  t.same(events.get(1)?.actor, { name: '' })
})

t.test('a transaction of several', async (t) => {
  const { events } = box()
  const heard: string[] = []
  events.subscribe(({ title }) => heard.push(title))
  const ids = events.appendWith((append) => {
    const first = append({ type: 'push', source: 'git', title: 'one' })
    t.same(heard, [], 'not before it is on the disk')
    return [first.id, append({ type: 'tag', source: 'git', title: 'two' }).id]
  })
  t.same(ids, [1, 2])
  t.same(heard, ['one', 'two'])
  const broken = () =>
    events.appendWith((append) => {
      append({ type: 'push', source: 'git', title: 'three' })
      throw new Error('mine')
    })
  t.throws(broken, { message: 'mine' })
  t.same(titles(events.list()), ['one', 'two'])
  t.same(heard, ['one', 'two'])
})

t.test('nothing that a reader has not seen is trimmed', async (t) => {
  const { events } = box(50)
  let position = 10
  const release = events.holdAfter(() => position)
  const append = () => events.append({ type: 'config.changed', title: 'x' })
  for (let count = 0; count < 300; count++) append()
  t.equal(events.list({ after: 0, limit: 1 })[0]?.id, 11)
  position = 120
  for (let count = 0; count < 100; count++) append()
  t.equal(events.list({ after: 0, limit: 1 })[0]?.id, 121)
  release()
  for (let count = 0; count < 100; count++) append()
  t.ok((events.list({ after: 0, limit: 1 })[0]?.id ?? 0) > 350)
})

t.test('listeners', async (t) => {
  const { events, errors } = box()
  const heard: string[] = []
  events.subscribe(() => {
    throw new Error('mine')
  })
  const off = events.subscribe((event) => heard.push(event.title))
  events.append({ type: 'daemon.started', title: 'one' })
  off()
  events.append({ type: 'daemon.started', title: 'two' })
  t.same(heard, ['one'])
  t.equal(errors.length, 2)
})

t.test('following misses nothing and repeats nothing', async (t) => {
  const { events } = box()
  const append = (title: string, minion = 'cloud') => events.append({ type: 'minion.started', minion, title })
  for (let count = 1; count <= 450; count++) append(`${count}`)
  const stop = new AbortController()
  const seen: number[] = []
  for await (const event of followEvents(events, { after: 10 }, stop.signal)) {
    seen.push(event.id)
    if (event.id === 300) for (let count = 451; count <= 700; count++) append(`${count}`)
    if (event.id === 700) queueMicrotask(() => append('last'))
    if (event.id === 701) stop.abort()
  }
  t.same(
    seen,
    Array.from({ length: 691 }, (_, index) => index + 11),
  )

  const filtered: string[] = []
  const end = new AbortController()
  const reading = (async () => {
    for await (const event of followEvents(events, { minion: 'chat' }, end.signal)) {
      filtered.push(event.title)
      if (event.title === 'c') end.abort()
    }
  })()
  for (const [title, minion] of [
    ['a', 'cloud'],
    ['b', 'chat'],
    ['x', 'cloud'],
    ['c', 'chat'],
  ] as const)
    append(title, minion)
  await reading
  t.same(filtered, ['b', 'c'], 'without a position it begins now')

  const ahead = new AbortController()
  const next = followEvents(events, { after: 1_000_000 }, ahead.signal)
  const promise = next.next()
  append('new')
  t.equal((await promise).value?.title, 'new', 'a position from before the log was begun anew')
  const waiting = next.next()
  ahead.abort()
  t.ok((await waiting).done, 'an abort ends it')
})

t.test('over HTTP', async (t) => {
  const { events } = box()
  const app = await createHttp({
    logger: pino({ level: 'silent' }),
    authenticate: () => ({ name: 'v', role: 'viewer' }),
    version: '1',
  })
  await app.register(eventsRoutes({ events, types: ownEventTypes }), { prefix: '/api/v1' })
  t.teardown(() => app.close())
  for (const title of ['one', 'two', 'three'])
    events.append({ type: 'minion.started', minion: 'cloud', title })
  const headers = { authorization: 'Bearer x' }
  const get = async (url: string) => app.inject({ url: `/api/v1${url}`, headers })
  t.match((await get('/events?after=1&limit=1')).json(), { events: [{ id: 2, title: 'two' }] })
  t.same((await get('/events?minion=chat')).json(), { events: [] })
  t.match((await get('/events?source=gitlab')).json(), { events: [] })
  const sent = { type: 'push', source: 'git', title: 'x', data: { ref: 'm', payload: { a: 1 } } }
  const { id } = events.appendWith((append) => append(sent))
  t.same((await get('/events?source=git')).json<{ events: Event[] }>().events[0]?.data, { ref: 'm' })
  t.same((await get(`/events/${id}`)).json<Event>().data, { ref: 'm', payload: { a: 1 } })
  t.match((await get('/events/99')).json(), { code: 'event.unknown', status: 404 })
  const { types } = (await get('/events/types')).json<{ types: EventTypeLine[] }>()
  t.same(types.find(({ type }) => type === 'backup.failed')?.summary, {
    en: 'A backup failed',
    fr: 'Une sauvegarde a échoué',
  })
  for (const query of ['limit=0', 'limit=1001', 'after=-1', 'after=x', 'nope=1', `minion=${'x'.repeat(64)}`])
    t.equal((await get(`/events?${query}`)).statusCode, 422, query)

  const stream = async (url: string, more: Record<string, string> = {}) => {
    const gone = new AbortController()
    const response = await app.inject({
      url,
      headers: { ...headers, ...more },
      payloadAsStream: true,
      signal: gone.signal,
    })
    const chunks = response.stream()
    let text = ''
    for await (const chunk of chunks) {
      text += String(chunk)
      if (text.includes('"three"')) break
    }
    return text
  }
  const text = await stream('/api/v1/events/stream', { 'last-event-id': '1' })
  t.match(text, /event: minion\.started\nid: 2\ndata: \{"id":2.*\n\nevent: minion\.started\nid: 3\n/)
  t.notMatch(text, /"one"/)
  t.match(await stream('/api/v1/events/stream?after=2'), /id: 3/)
})
