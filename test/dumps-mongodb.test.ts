import t from 'tap'
import { conforms } from './dumps/conformance.ts'
import { mongodb } from './dumps/mongodb.ts'

t.setTimeout(900_000)
await conforms(t, mongodb)
