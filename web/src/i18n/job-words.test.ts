/** Every kind of job and each of its steps has words, in both languages. */
import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { en } from './en.ts'
import { fr } from './fr.ts'

const SERVER = resolve(import.meta.dirname, '../../../server')
const sources = readdirSync(SERVER, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(path))
  .map((path) => readFileSync(join(SERVER, path), 'utf8'))

t.test('kinds of jobs', (t) => {
  const kinds = sources.flatMap((text) =>
    [...text.matchAll(/kind: '([a-z-]+)',\s*(?:lane:[^\n]*\s*)?afterCrash/g)].map((found) => found[1]),
  )
  t.ok(kinds.length > 12, `${kinds.length} kinds`)
  for (const words of [en, fr])
    t.same(
      kinds.filter((kind) => !(`kind.${kind}` in words)),
      [],
    )
  t.end()
})

t.test('steps of jobs', (t) => {
  const steps = sources
    .filter((text) => /\bStep(Context)?\b|JobKind/.test(text))
    .flatMap((text) =>
      [...text.matchAll(/name: '([a-z ]+)',\s*(?:run\b|async run\b|uncancellable)/g)].map(
        (found) => found[1],
      ),
    )
  t.ok(steps.length > 50, `${steps.length} steps`)
  for (const words of [en, fr]) {
    const known = new Set(Object.keys(words).map((key) => key.replace(/^step\.(\w+\.)?/, '')))
    t.same(
      steps.filter((step) => !known.has(step ?? '')),
      [],
    )
  }
  t.end()
})
