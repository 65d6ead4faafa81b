import t from 'tap'
import { bundleFlips, repositoryFlips } from '../flips.ts'

/** The full count of test/flips.test.ts; ROUNDS makes it shorter. */
const rounds = Number(process.env['ROUNDS'] ?? 200)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.comment(`SEED=${seed}`)
t.setTimeout(0)
t.test('bits of a repository', { timeout: 0 }, (t) => repositoryFlips(t, rounds, seed))
t.test('bits of a bundle', { timeout: 0 }, (t) => bundleFlips(t, rounds * 5, seed))
