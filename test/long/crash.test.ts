import t, { type Test } from 'tap'
import { crashVerbs } from '../crash-verbs.ts'
import { killRounds } from '../kill-rounds.ts'

/** The full count of test/crash.test.ts; ROUNDS makes it shorter. */
const rounds = Number(process.env['ROUNDS'] ?? 60)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.comment(`SEED=${seed} ROUNDS=${rounds}`)
t.setTimeout(0)
for (const verb of crashVerbs())
  t.test(`kill -9 during ${verb.name}`, { timeout: 0 }, (t: Test) => killRounds(t, rounds, seed, verb))
