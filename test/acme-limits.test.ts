/** What an ACME server may say that pebble never says. */
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createKeeperRig } from './keeper-rig.ts'
import { startFakeAcme } from './acme-fake.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]

async function begin(
  t: Test,
  { hosts = ['a.kit.test'], profile }: { hosts?: string[]; profile?: string } = {},
) {
  const clock = { ahead: 0 }
  const acme = await startFakeAcme({ now: () => new Date(Date.now() + clock.ahead) })
  t.teardown(acme.close)
  const source = { directory: acme.directory, ...(profile ? { profile } : {}) }
  const rig = createKeeperRig({ dir: t.testdir(), hosts, source, clock })
  t.teardown(rig.stop)
  const later = (milliseconds: number) => rig.at(new Date(rig.now().getTime() + milliseconds))
  const kept = () => rig.keeper.list()[0]
  return { acme, rig, later, kept }
}

/** Or it is given up, and what follows fails. */
async function until(so: () => boolean): Promise<void> {
  for (let tries = 0; !so() && tries < 200; tries++) await sleep(50)
}

t.test('429 with Retry-After: not one order before its time', async (t) => {
  const { acme, rig, later, kept } = await begin(t)
  acme.state.refusal = { status: 429, type: 'rateLimited', detail: 'too many', retryAfter: String(5 * 3600) }
  await rig.settle()
  t.equal(acme.state.asked.length, 1)
  t.match(kept()?.lastError, /answered 429: too many/)
  for (let hour = 0; hour < 4; hour++) await later(HOUR)
  t.equal(acme.state.asked.length, 1, 'four hours later still only one')
  t.notOk(kept()?.certificate)
  acme.state.refusal = undefined
  await later(HOUR + MINUTE)
  t.equal(acme.state.asked.length, 2)
  t.ok(kept()?.certificate, 'then it is there')
})

t.test('429 with a date in Retry-After', async (t) => {
  const { acme, rig, later } = await begin(t)
  const until = new Date(rig.now().getTime() + 2 * DAY).toUTCString()
  acme.state.refusal = { status: 429, type: 'rateLimited', detail: 'too many', retryAfter: until }
  await rig.settle()
  await later(2 * DAY - HOUR)
  t.equal(acme.state.asked.length, 1)
  await later(HOUR + MINUTE)
  t.equal(acme.state.asked.length, 2)
})

t.test('a renewal window moved into the past: renewed at once, naming what it replaces', async (t) => {
  const { acme, rig, later, kept } = await begin(t, { profile: 'shortlived' })
  const month = {
    start: new Date(rig.now().getTime() + 50 * DAY),
    end: new Date(rig.now().getTime() + 52 * DAY),
  }
  acme.state.window = month
  await rig.settle()
  const first = kept()?.certificate
  t.ok(first)
  t.equal(acme.state.asked[0]?.profile, 'shortlived')
  await later(2 * HOUR)
  t.equal(acme.state.asked.length, 1, 'nothing is due')
  const planned = () => Date.parse(kept()?.nextAttempt ?? '')
  // the advice is asked for beside everything else
  await until(() => planned() >= month.start.getTime())
  t.ok(planned() >= month.start.getTime() && planned() <= month.end.getTime(), 'planned within the window')

  acme.state.window = {
    start: new Date(rig.now().getTime() - 2 * DAY),
    end: new Date(rig.now().getTime() - DAY),
  }
  await later(2 * DAY)
  await until(() => acme.state.asked.length > 1)
  await rig.settle()
  const [, second] = acme.state.asked
  t.equal(second?.replaces, acme.state.advised[0], 'by the identifier that it asked about')
  t.not(kept()?.certificate?.notAfter, first?.notAfter)
  t.equal(acme.state.asked.length, 2, 'the new one has its own window, and the past is asked for once only')
})

t.test(
  'an account paused: the reason is shown whole, tries grow rare, and it resumes by itself',
  async (t) => {
    const { acme, rig, later, kept } = await begin(t)
    const link = `https://portal.ca.test/unpause?jwt=${'x'.repeat(600)}`
    acme.state.refusal = {
      status: 429,
      type: 'rateLimited',
      detail: `Your account is temporarily prevented from requesting certificates for a.kit.test. Please visit: ${link}`,
    }
    await rig.settle()
    t.match(kept()?.lastError, link, 'the link can be followed')
    for (let hour = 0; hour < 72; hour++) await later(HOUR)
    const { length } = acme.state.asked
    t.ok(length <= 9, `${length} orders in three days`)
    t.match(rig.keeper.problem('a.kit.test'), /No certificate of 127\.0\.0\.1.*paused|prevented/)
    acme.state.refusal = undefined
    await later(DAY + 3 * HOUR)
    t.ok(kept()?.certificate)
    t.equal(rig.keeper.problem('a.kit.test'), undefined)
  },
)
