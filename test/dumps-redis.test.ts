import t from 'tap'
import { conforms } from './dumps/conformance.ts'
import { redis } from './dumps/redis.ts'
import { image } from './dumps/rig.ts'

t.setTimeout(900_000)
await conforms(
  t,
  redis('valkey', () => image('test/images/valkey')),
)
await conforms(
  t,
  redis('redis', () => image('test/images/redis'), ['--appendonly', 'yes']),
)
