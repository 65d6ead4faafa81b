import t from 'tap'
import { type Attempt, budgetOf, LETS_ENCRYPT, registeredDomain, UNKNOWN_SERVER } from './budget.ts'
import { decide, dueAt, failuresOf, nextAttempt, warningOf } from './ledger.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const START = Date.parse('2026-01-01T00:00:00Z')
const iso = (time: number) => new Date(time).toISOString()
const attempt = (time: number, outcome: Attempt['outcome'], more: Partial<Attempt> = {}): Attempt => ({
  directory: 'https://ca.test/dir',
  names: 'a.example.org',
  startedAt: iso(time),
  outcome,
  replaces: false,
  ...more,
})

t.test('what is left of each limit, and when more comes free', async (t) => {
  const names = ['a.example.org']
  const now = new Date(START + DAY)
  const left = (attempts: Attempt[], limit: string, asked = false) =>
    budgetOf({ limits: LETS_ENCRYPT, names, attempts, now, asked }).find((budget) => budget.limit === limit)
  t.equal(left([], 'set')?.left, 4, 'one is kept back')
  t.equal(left([], 'set', true)?.left, 5, 'for a person who asks')
  const four = [0, 1, 2, 3].map((hour) => attempt(START + hour * HOUR, 'issued'))
  t.match(left(four, 'set'), { left: 0, freeAt: iso(START + 7 * DAY) })
  t.equal(left(four, 'set', true)?.left, 1)
  t.equal(
    left(
      four.map((one) => ({ ...one, replaces: true })),
      'set',
    )?.left,
    4,
    'announced renewals are exempt',
  )
  t.equal(left([attempt(START - 7 * DAY, 'issued')], 'set')?.left, 4, 'what is past is past')
  t.equal(left([attempt(now.getTime(), 'underway')], 'set')?.left, 3, 'a crash costs a try')
  t.equal(left([attempt(now.getTime(), 'refused')], 'tries')?.left, 4, 'the preflight costs none')
  t.equal(
    left([attempt(now.getTime(), 'failed', { names: 'a.example.org b.example.org' })], 'failures')?.left,
    3,
  )
  const others = Array.from({ length: 49 }, (_, n) =>
    attempt(START, 'issued', { names: `n${n}.example.org` }),
  )
  t.equal(left(others, 'domain')?.left, 0)
  t.equal(
    left([...others.slice(1), attempt(START + 1, 'issued', { names: 'n3.example.org' })], 'domain')?.left,
    1,
    'a renewal is not new',
  )
  t.equal(registeredDomain('a.b.example.org'), 'example.org')
})

t.test('pauses grow, shrink as the end comes near, and obey the server', async (t) => {
  const now = new Date(START)
  const pause = (failures: number, more: { notAfter?: string; retryAfter?: Date } = {}) =>
    (nextAttempt({ failures, now, random: 0.5, ...more }).getTime() - START) / MINUTE
  t.same(
    [1, 2, 3, 4, 5, 6, 60].map((failures) => pause(failures)),
    [1, 10, 100, 360, 720, 1440, 1440],
  )
  t.equal(pause(6, { notAfter: iso(START + 8 * HOUR) }), 60)
  t.equal(pause(6, { notAfter: iso(START + HOUR) }), 15, 'never more than four tries an hour')
  t.equal(pause(1, { retryAfter: new Date(START + 3 * HOUR) }), 180)
})

t.test('order, or wait until when', async (t) => {
  const names = ['a.example.org']
  const situation = {
    names,
    limits: UNKNOWN_SERVER,
    attempts: [] as Attempt[],
    now: new Date(START),
    replaces: false,
    share: 0,
  }
  t.equal(decide(situation).order, true, 'there is none')
  const certificate = { notBefore: iso(START - DAY), notAfter: iso(START + 89 * DAY) }
  t.same(decide({ ...situation, certificate }), { at: iso(START + 59 * DAY), order: false })
  t.equal(
    decide({ ...situation, certificate, renewAt: iso(START - 1) }).order,
    true,
    'the server asks for it',
  )
  t.equal(decide({ ...situation, certificate, asked: true }).order, true, 'a person asks for it')
  const failed = attempt(START - MINUTE, 'failed', { retryAt: iso(START + MINUTE) })
  t.equal(decide({ ...situation, attempts: [failed] }).at, iso(START + MINUTE))
  t.equal(
    decide({ ...situation, attempts: [attempt(START - 1, 'underway')] }).order,
    false,
    'after a crash, soon',
  )
  const many = [0, 1, 2, 3].map((n) => attempt(START - (10 - n) * MINUTE, 'failed', { retryAt: iso(START) }))
  t.match(decide({ ...situation, attempts: many }), {
    order: false,
    at: iso(START + 50 * MINUTE),
    held: /limit/,
  })
  t.equal(decide({ ...situation, attempts: many, asked: true }).order, true, 'the reserve')
  t.equal(failuresOf([...many, attempt(START, 'issued')], names), 0)
  t.equal(failuresOf(many, names), 4)
})

t.test('a domain whose week is spent holds back new names, never a renewal', async (t) => {
  const names = ['a.example.org']
  const spent = Array.from({ length: 49 }, (_, n) => attempt(START, 'issued', { names: `n${n}.example.org` }))
  const of = (attempts: Attempt[], certificate?: { notBefore: string; notAfter: string }) =>
    decide({
      names,
      limits: LETS_ENCRYPT,
      attempts,
      now: new Date(START + 5 * DAY),
      ...(certificate ? { certificate } : {}),
      replaces: false,
      share: 0,
    })
  t.match(of(spent), { order: false, held: /new certificates of one domain/ })
  const short = { notBefore: iso(START), notAfter: iso(START + 6 * DAY) }
  t.equal(of(spent, short).order, true, 'there is one to renew')
  t.equal(of([...spent, attempt(START - DAY, 'issued')]).order, true, 'there was one, which has ended')
})

t.test('warnings come once at 20 and once at 10 percent', async (t) => {
  const certificate = { notBefore: iso(START), notAfter: iso(START + 100 * DAY) }
  const at = (day: number, warned?: number) => warningOf(certificate, warned, new Date(START + day * DAY))
  t.same(
    [at(79), at(80), at(85, 20), at(90, 20), at(99, 10), at(95)],
    [undefined, 20, undefined, 10, undefined, 10],
  )
})

t.test('dueAt: a third of life left, half of a short one, each a little earlier by its share', async (t) => {
  const due = (life: number, share: number) =>
    dueAt({ notBefore: iso(START), notAfter: iso(START + life) }, share).getTime()
  t.equal(due(90 * DAY, 0), START + 60 * DAY)
  t.equal(due(6 * DAY, 0), START + 3 * DAY)
  t.ok(due(90 * DAY, 0.9) < due(90 * DAY, 0.1))
})
