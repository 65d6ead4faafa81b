import t, { type Test } from 'tap'
import { backupRounds } from './backup-rounds.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.comment(`SEED=${seed}`)
for (const [verb, rounds] of [
  ['backup', 2],
  ['restore', 1],
  ['prune', 1],
  ['copy', 1],
] as const)
  t.test(`kill -9 during ${verb}`, { timeout: 600_000 }, (t: Test) => backupRounds(t, verb, rounds, seed))
