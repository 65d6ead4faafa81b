import t from 'tap'
import { conforms } from './dumps/conformance.ts'
import { postgres } from './dumps/postgres.ts'
import { image } from './dumps/rig.ts'

t.setTimeout(900_000)
await conforms(
  t,
  postgres(() => image('minions/.distro/postgresql')),
)
