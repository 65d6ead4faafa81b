/** The published JSON Schema of minion.yml: editors check templates with it while they are typed. */
import { TemplateSchema } from './template.ts'

export const SCHEMA_FILE = 'docs/schema/minion.schema.json'

export function minionSchema(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'minion.yml',
    description: 'What a template of Summoner says about itself.',
    ...TemplateSchema,
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}
