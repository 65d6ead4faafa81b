import t from 'tap'
import { certificatesCheck } from './certificates.ts'

const DAY = 86_400_000
const now = Date.UTC(2026, 5, 1)
const cert = (name: string, from: number, to: number) => ({
  name,
  notBefore: new Date(now + from * DAY).toISOString(),
  notAfter: new Date(now + to * DAY).toISOString(),
})
const check = (...list: ReturnType<typeof cert>[]) =>
  certificatesCheck({ list: () => list, now: () => now }).run()

t.test('good: all have time left, or there are none', async (t) => {
  t.match(await check(cert('a', -30, 60), cert('b', -1, 89)), {
    state: 'ok',
    detail: /2 valid, the first ends in 60 days/u,
  })
  t.match(await check(), { state: 'skip' })
})
t.test('bad: expired, from the future, not renewed', async (t) => {
  t.match(await check(cert('a', -90, -1), cert('b', -1, 89)), { state: 'fail', detail: 'Expired: a' })
  t.match(await check(cert('a', 1, 90)), { state: 'fail', hint: /clock/u })
  t.match(await check(cert('a', -80, 10)), { state: 'warn', detail: /a \(10 days\)/u })
})
