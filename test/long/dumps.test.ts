import t from 'tap'
import { dumpKills, dumpRig, restoreKills } from '../dump-kills.ts'

const ROUNDS = 100
t.setTimeout(4 * 3_600_000)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.comment(`SEED=${seed}`)
const rig = await dumpRig()
t.teardown(() => rig.box.remove())
t.test('kill -9 during dumps', (t) => dumpKills(t, rig, ROUNDS, seed))
t.test('kill -9 during restores', (t) => restoreKills(t, rig, ROUNDS, seed))
