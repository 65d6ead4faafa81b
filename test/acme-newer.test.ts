import { X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { createKeeperRig, proofServer } from './keeper-rig.ts'
import { newerPebble } from './newer-pebble.ts'
import { pebbleMissing, startPebble } from './pebble.ts'

const DAY = 86_400_000
const found = await newerPebble()
const skip = pebbleMissing() || ('missing' in found && found.missing)

t.test(
  'renewal information, replaces and profiles of a newer pebble',
  { skip, timeout: 300_000 },
  async (t) => {
    const dir = t.testdir()
    mkdirSync(join(dir, 'proxy/acme'), { recursive: true })
    const web = await proofServer(join(dir, 'proxy/acme'))
    t.teardown(web.close)
    const profile = (days: number) => ({ description: `${days} days`, validityPeriod: days * 86_400 })
    const pebble = await startPebble({
      httpPort: web.port,
      ...('program' in found ? found : {}),
      config: { profiles: { classic: profile(90), shortlived: profile(6) }, certificateValidityPeriod: 0 },
    })
    t.teardown(() => pebble.stop())
    const source = { directory: pebble.directory, ca: pebble.caFile, profile: 'shortlived' }
    const rig = createKeeperRig({ dir, hosts: ['a.kit.test'], source })
    t.teardown(rig.stop)
    const kept = () => rig.keeper.list()[0]
    const leaf = () => readFileSync(kept()?.certificate?.certificateFile ?? '', 'utf8')

    await rig.settle()
    t.ok(kept()?.certificate, kept()?.lastError ?? 'issued')
    const first = leaf()
    const { validFromDate, validToDate } = new X509Certificate(first)
    t.equal(
      Math.round((validToDate.getTime() - validFromDate.getTime()) / DAY),
      6,
      'the profile was asked for',
    )

    // the keeper asks for advice when it next looks
    await rig.at(new Date(rig.now().getTime() + 60_000))
    const advised = Date.parse(kept()?.nextAttempt ?? '')
    t.ok(advised > rig.now().getTime() && advised < validToDate.getTime(), 'renewal within the life')
    t.equal(leaf(), first, 'and not before')

    const at = (days: number) => new Date(rig.now().getTime() + days * DAY).toISOString()
    t.equal(await pebble.setRenewalInfo(first, { start: at(-2), end: at(-1) }), 200)
    await rig.at(new Date(rig.now().getTime() + 1.1 * DAY))
    // the server is asked first, which the rig does not wait for
    for (let tries = 0; leaf() === first && tries < 300; tries++) await sleep(100)
    await rig.settle()
    t.not(leaf(), first, 'the window moved into the past: renewed')
    t.match(rig.attempts().at(-1), { outcome: 'issued', replaces: true })

    const wrong = createKeeperRig({
      dir: join(dir, 'other'),
      hosts: ['b.kit.test'],
      source: { ...source, profile: 'no-such-profile' },
    })
    t.teardown(wrong.stop)
    await wrong.settle()
    t.match(wrong.keeper.list()[0]?.lastError, /profile/i, 'a profile that the server has not is told')
  },
)
