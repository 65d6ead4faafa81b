import t, { type Test } from 'tap'
import { backupRounds } from '../backup-rounds.ts'

/** The full count of test/backup-crash.test.ts; ROUNDS makes it shorter, ONLY="prune copy" takes only these. */
const FULL = { backup: 200, restore: 100, prune: 100, copy: 50 } as const
const only = process.env['ONLY']?.split(' ')
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.comment(`SEED=${seed}`)
t.setTimeout(0)
for (const verb of ['backup', 'restore', 'prune', 'copy'] as const)
  if (only?.includes(verb) ?? true)
    t.test(`kill -9 during ${verb}`, { timeout: 0 }, (t: Test) =>
      backupRounds(t, verb, Number(process.env['ROUNDS'] ?? FULL[verb]), seed),
    )
