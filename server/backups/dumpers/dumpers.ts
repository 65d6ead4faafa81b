/** Every engine there is a dumper for. */
import type { DumpEngine } from '../dump.ts'
import type { Dumper } from './dumper.ts'
import { mongodb } from './mongodb.ts'
import { mysql } from './mysql.ts'
import { postgres } from './postgres.ts'
import { redis } from './redis.ts'
import { sqlite } from './sqlite.ts'

const DUMPERS: Record<DumpEngine, Dumper> = { mariadb: mysql, mysql, postgres, mongodb, redis, sqlite }

export const dumperOf = (engine: DumpEngine): Dumper => DUMPERS[engine]
