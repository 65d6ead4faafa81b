import t, { type Test } from 'tap'
import { crashVerbs } from './crash-verbs.ts'
import { killRounds } from './kill-rounds.ts'

const ROUNDS = 5
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.comment(`SEED=${seed}`)
for (const verb of crashVerbs())
  t.test(`kill -9 during ${verb.name}`, { timeout: 600_000 }, (t: Test) => killRounds(t, ROUNDS, seed, verb))
