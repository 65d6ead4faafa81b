/** Writes the published JSON Schema of minion.yml: `node scripts/write-schema.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { minionSchema, SCHEMA_FILE } from '../server/templates/schema-file.ts'

const file = join(import.meta.dirname, '..', SCHEMA_FILE)
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, minionSchema())
