import t from 'tap'
import { conforms } from './dumps/conformance.ts'
import { image } from './dumps/rig.ts'
import { sqlite } from './dumps/sqlite.ts'

t.setTimeout(900_000)
for (const mode of ['wal', 'delete'] as const)
  await conforms(
    t,
    sqlite(mode, () => image('test/images/sqlite')),
  )
