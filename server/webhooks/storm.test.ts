/** Ten thousand webhooks that come again, too late, wrongly signed or under keys that have changed: none counts twice or wrongly. */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createHookBox } from './hooks.fixture.ts'
import { standardHeaders } from './sources/sign.fixture.ts'

const DISTINCT = 2_500
const EACH = 4
const AT_ONCE = 100

t.test('repeated, stale, forged and rotated', { timeout: 120_000 }, async (t) => {
  const box = await createHookBox([{ name: 'ci', type: 'standard-webhooks', rate: 1_000_000 }])
  t.teardown(() => box.close())
  const old = box.hooks.sources.create('ci', 'root')
  const fresh = box.hooks.sources.create('ci', 'root')
  const gone = box.hooks.sources.create('ci', 'root')
  box.hooks.sources.retireOthers('ci', fresh.id, 3_600)
  box.hooks.sources.revoke('ci', gone.id)

  interface Sent {
    n: number
    path: string
    secret: string
    at: number
    wanted: number
  }
  const { at } = box.clock
  const good = { at, wanted: 202 }
  const all: Sent[] = []
  for (let n = 0; n < DISTINCT; n++) {
    // while one key takes over from another a sender may use either, also for what it sends again
    for (let time = 0; time < EACH; time++) {
      const { path, secret = '' } = (n + time) % 2 ? old : fresh
      all.push({ n, path, secret, ...good })
    }
    // the same delivery by somebody who may not: it must neither count nor keep the good one out
    const bad = n % 6
    const { path, secret = '' } = fresh
    if (bad === 0)
      all.push({ n, path, secret: `whsec_${randomBytes(32).toString('base64')}`, at, wanted: 401 })
    if (bad === 1) all.push({ n, path, secret, at: at - 301_000, wanted: 401 })
    if (bad === 2) all.push({ n, path, secret, at: at + 301_000, wanted: 401 })
    if (bad === 3) all.push({ n, path, secret: old.secret ?? '', at, wanted: 401 })
    if (bad === 4) all.push({ n, path: gone.path, secret: gone.secret ?? '', at, wanted: 404 })
    if (bad === 5)
      all.push({ n, path: path.slice(0, -1) + (path.endsWith('A') ? 'E' : 'A'), secret, at, wanted: 404 })
  }
  // a fixed shuffle: copies lie apart, and some arrive in the same turn
  let state = 42
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
  for (let index = all.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    const [a, b] = [all[index], all[other]]
    if (a && b) [all[index], all[other]] = [b, a]
  }

  const answers = new Map<string, number>()
  const wrong: Sent[] = []
  const send = async (sent: Sent, client: number) => {
    const raw = Buffer.from(JSON.stringify({ type: 'build.done', title: `n${sent.n}` }))
    const { path, secret, n } = sent
    const headers = { ...standardHeaders({ raw, secret, at: sent.at, id: `msg_${n}` }) }
    // refusals are counted by client; here each is another
    headers['x-forwarded-for'] = `10.${client >> 16}.${(client >> 8) & 255}.${client & 255}`
    const { statusCode } = await box.send(path, raw, headers)
    answers.set(`${sent.wanted} ${statusCode}`, (answers.get(`${sent.wanted} ${statusCode}`) ?? 0) + 1)
    if (statusCode !== sent.wanted) wrong.push(sent)
  }
  for (let start = 0; start < all.length; start += AT_ONCE)
    await Promise.all(all.slice(start, start + AT_ONCE).map((sent, index) => send(sent, start + index)))
  t.same(wrong.slice(0, 3), [], `answers as they must be: ${[...answers].join(' ')}`)
  t.equal(answers.get('202 202'), DISTINCT * EACH)

  const titles = box.events.list({ source: 'ci', limit: 50_000 }).map(({ title }) => title)
  t.equal(titles.length, DISTINCT, 'each once')
  t.equal(new Set(titles).size, DISTINCT)
  const { refused, accepted, repeated } = (await box.api('GET', '/sources')).json<{
    sources: { refused: Record<string, number>; accepted: number; repeated: number }[]
  }>().sources[0] ?? { refused: {}, accepted: 0, repeated: 0 }
  t.same([accepted, repeated], [DISTINCT, DISTINCT * (EACH - 1)])
  t.equal((refused['signature'] ?? 0) + (refused['timestamp'] ?? 0), answers.get('401 401'))

  box.clock.at += 3_600_001
  const late = { n: 1, path: old.path, secret: old.secret ?? '', at: box.clock.at, wanted: 404 }
  await send(late, 1)
  const again = { n: 1, path: fresh.path, secret: fresh.secret ?? '', at: box.clock.at, wanted: 202 }
  await send(again, 2)
  t.same(wrong, [], 'the old key ends, and what comes again an hour later is known still')
  t.equal(box.events.list({ source: 'ci', limit: 50_000 }).length, DISTINCT)
  t.same(box.errors, [])
})
