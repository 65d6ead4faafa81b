import t from 'tap'
import { bundleFlips, repositoryFlips } from './flips.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.comment(`SEED=${seed}`)
t.test('bits of a repository', { timeout: 300_000 }, (t) => repositoryFlips(t, 5, seed))
t.test('bits of a bundle', { timeout: 120_000 }, (t) => bundleFlips(t, 50, seed))
