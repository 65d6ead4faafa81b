/** A year of a box at Let's Encrypt, its limits counted by the test itself, with the server away in the worst week. */
import t from 'tap'
import { type Attempt, LETS_ENCRYPT } from './budget.ts'
import { decide, failuresOf, nextAttempt } from './ledger.ts'

const [HOUR, DAY] = [3_600_000, 86_400_000]
const START = Date.parse('2026-01-01T00:00:00Z')
const KEPT = 90 * DAY
const iso = (time: number) => new Date(time).toISOString()

interface Host {
  name: string
  share: number
  certificate?: { notBefore: string; notAfter: string }
  issued: number
  next: number
}

interface YearInput {
  hosts: number
  life: number
  awayDays: number
  seed: number
  days: number
}

function year({ hosts: count, life, awayDays, seed, days }: YearInput) {
  let state = seed
  const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647
  const hosts = Array.from({ length: count }, (_, index): Host => ({
    name: `host${index}.example.org`,
    share: random(),
    issued: 0,
    next: START,
  }))
  const all: Attempt[] = []
  let kept: Attempt[] = []
  let away = Infinity
  let [expired, least] = [0, Infinity]
  for (;;) {
    const host = hosts.reduce((first, one) => (one.next < first.next ? one : first))
    const now = host.next
    if (now >= START + days * DAY) break
    const { certificate, name } = host
    if (certificate && Date.parse(certificate.notAfter) <= now) expired++
    const decision = decide({
      names: [name],
      limits: LETS_ENCRYPT,
      attempts: kept,
      now: new Date(now),
      ...(certificate ? { certificate } : {}),
      replaces: false,
      share: host.share,
    })
    if (!decision.order) {
      host.next = Math.max(now + 1_000, Date.parse(decision.at))
      continue
    }
    // it goes away the moment the third renewal is due
    if (host.issued === 3) away = Math.min(away, now)
    const down = now >= away && now < away + awayDays * DAY
    const attempt: Attempt = {
      directory: 'https://ca.test/dir',
      names: name,
      startedAt: iso(now),
      outcome: down ? 'failed' : 'issued',
      replaces: false,
    }
    kept = [...kept.filter(({ startedAt }) => Date.parse(startedAt) > now - KEPT), attempt]
    all.push(attempt)
    if (down)
      attempt.retryAt = nextAttempt({
        failures: failuresOf(kept, [name]),
        now: new Date(now),
        notAfter: certificate?.notAfter ?? '',
        random: random(),
      }).toISOString()
    else {
      if (certificate) least = Math.min(least, Date.parse(certificate.notAfter) - now)
      host.issued++
      host.certificate = { notBefore: iso(now - HOUR), notAfter: iso(now - HOUR + life) }
    }
    host.next = now + 1_000
  }
  return { expired, least, all, served: hosts.filter(({ issued }) => issued > 3).length }
}

/** The most of these within any such time. */
function densest(attempts: readonly Attempt[], milliseconds: number): number {
  const times = attempts.map(({ startedAt }) => Date.parse(startedAt)).sort((a, b) => a - b)
  let [most, first] = [0, 0]
  for (const [index, time] of times.entries()) {
    while ((times[first] ?? 0) <= time - milliseconds) first++
    most = Math.max(most, index - first + 1)
  }
  return most
}

const densestOfAny = (groups: Map<string, Attempt[]>, milliseconds: number) =>
  Math.max(0, ...[...groups.values()].map((group) => densest(group, milliseconds)))

for (const [what, life, awayDays] of [
  ['160 hours', 160 * HOUR, 3],
  ['45 days', 45 * DAY, 7],
  ['64 days', 64 * DAY, 7],
  ['90 days', 90 * DAY, 7],
] as const)
  t.test(`a year with certificates of ${what}, the server away for ${awayDays} days`, async (t) => {
    const runs = [
      ...Array.from({ length: 20 }, (_, index) => ({ hosts: 1, seed: index + 1, days: 365 })),
      // more than one domain may have new in a week; short lives repeat themselves soon
      { hosts: 60, seed: 21, days: life < 10 * DAY ? 60 : 365 },
    ]
    let [orders, least] = [0, Infinity]
    for (const { hosts, seed, days } of runs) {
      const found = year({ hosts, life, awayDays, seed, days })
      t.equal(found.expired, 0, 'never without')
      t.equal(found.served, hosts, 'all of them')
      const byName = (outcome: Attempt['outcome']) =>
        Map.groupBy(
          found.all.filter((attempt) => attempt.outcome === outcome),
          ({ names }) => names,
        )
      const firsts = [...byName('issued').values()].flatMap((group) => group.slice(0, 1))
      t.ok(densestOfAny(byName('issued'), 7 * DAY) <= 5, 'certificates of one name in a week')
      t.ok(densestOfAny(byName('failed'), HOUR) <= 5, 'failures of one name in an hour')
      t.ok(densest(firsts, 7 * DAY) <= 50, 'new names below one domain in a week')
      t.ok(densest(found.all, 3 * HOUR) <= 300, 'orders of the account in three hours')
      orders += found.all.length
      least = Math.min(least, found.least)
    }
    t.comment(`${runs.length} boxes, ${orders} orders, never less than ${(least / HOUR).toFixed(1)} h left`)
  })
