import t from 'tap'
import { diskTrouble, noDisk } from '../disk-trouble.ts'

/** The full count of test/disk-trouble.test.ts; ROUNDS makes it shorter. */
const skip = noDisk()
const rounds = Number(process.env['ROUNDS'] ?? 10)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.comment(`SEED=${seed}`)
t.setTimeout(0)
t.test('a disk that fills up at random bytes', { skip, timeout: 0 }, (t) =>
  diskTrouble(t, 'full', rounds, seed),
)
t.test('a disk that breaks at random instants', { skip, timeout: 0 }, (t) =>
  diskTrouble(t, 'broken', rounds, seed),
)
