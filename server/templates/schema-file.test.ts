import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { minionSchema, SCHEMA_FILE } from './schema-file.ts'

t.test('the published schema is current: `node scripts/write-schema.ts` writes it', async (t) => {
  t.equal(readFileSync(join(import.meta.dirname, '../..', SCHEMA_FILE), 'utf8'), minionSchema())
})

t.test('it is a schema of maps that know their keys', async (t) => {
  const schema = JSON.parse(minionSchema()) as Record<string, unknown>
  t.match(schema, {
    type: 'object',
    additionalProperties: false,
    properties: { revision: { type: 'integer' } },
  })
})
