import t from 'tap'
import { diskTrouble, noDisk, unreadable } from './disk-trouble.ts'

const skip = noDisk()
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.comment(`SEED=${seed}`)
t.test('a disk that fills up while a backup is written', { skip, timeout: 600_000 }, (t) =>
  diskTrouble(t, 'full', 2, seed),
)
t.test('a disk that breaks while a backup is written', { skip, timeout: 600_000 }, (t) =>
  diskTrouble(t, 'broken', 1, seed),
)
t.test('a file that the disk cannot read', { skip, timeout: 300_000 }, (t) => unreadable(t))
