import t from 'tap'
import { conforms } from './dumps/conformance.ts'
import { mariadb } from './dumps/mariadb.ts'
import { image } from './dumps/rig.ts'

t.setTimeout(900_000)
await conforms(
  t,
  mariadb(() => image('minions/.distro/mariadb')),
)
