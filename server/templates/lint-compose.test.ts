/** The corpus: every flaw that was planted is found on its line, nothing else is, and clean files stay clean. */
import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lintCompose } from './lint-compose.ts'

const CORPUS = join(import.meta.dirname, '../../test/fixtures/checker')
const files = (kind: string) =>
  readdirSync(join(CORPUS, kind)).map((name) => ({
    name,
    text: readFileSync(join(CORPUS, kind, name), 'utf8'),
  }))

/** `# flaw: rule, rule` at the end of a line. */
function planted(text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const rules = /# flaw: (.*)$/.exec(line)?.[1]?.split(', ') ?? []
    return rules.map((rule) => `${index + 1} ${rule}`)
  })
}

t.test('every planted flaw is found where it is, and nothing that is not there', async (t) => {
  let flaws = 0
  for (const { name, text } of files('flawed')) {
    const wanted = planted(text)
    flaws += wanted.length
    const found = lintCompose(text, name)
    t.same(found.map(({ line, rule }) => `${line} ${rule}`).toSorted(), wanted.toSorted(), name)
    for (const { message, advice, path } of found) t.ok(message && advice && path === name)
  }
  t.ok(flaws >= 60, `${flaws} flaws`)
  t.comment(`${flaws} planted flaws`)
})

t.test('clean files get no finding', async (t) => {
  const clean = files('clean')
  t.ok(clean.length >= 20)
  for (const { name, text } of clean) t.same(lintCompose(text, name), [], name)
})

t.test('what is no compose file is said, with its place', async (t) => {
  t.match(lintCompose('services:\n  a: [\n', 'x.yml'), [{ rule: 'format', path: 'x.yml' }])
  t.match(lintCompose('version: "3"\n', 'x.yml'), [{ rule: 'format', message: /no services/ }])
})

t.test('a variable that .env sets is set, and may carry the tag', async (t) => {
  const text = 'services:\n  a:\n    image: example/a:${TAG}\n    environment: { X: "${Y}" }\n'
  t.same(lintCompose(text, 'x.yml', { TAG: '1.2.3', Y: 'z' }), [])
  t.same(
    lintCompose(text, 'x.yml', { TAG: 'latest', Y: 'z' }).map(({ rule }) => rule),
    ['floating-tag'],
  )
})
