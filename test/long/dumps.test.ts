import t from 'tap'
import { dumpKills, dumpRig, restoreKills } from '../dump-kills.ts'

/** ROUNDS makes it shorter, ONLY=dump or ONLY=restore takes only one. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 100)
const only = process.env['ONLY']
t.setTimeout(4 * 3_600_000)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.comment(`SEED=${seed}`)
const rig = await dumpRig()
t.teardown(() => rig.box.remove())
if (only !== 'restore') t.test('kill -9 during dumps', (t) => dumpKills(t, rig, ROUNDS, seed))
if (only !== 'dump') t.test('kill -9 during restores', (t) => restoreKills(t, rig, ROUNDS, seed))
