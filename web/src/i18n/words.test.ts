import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { en } from './en.ts'
import { fr } from './fr.ts'

const places = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()

t.test('both languages have every key, with the same places and plurals', (t) => {
  t.same(Object.keys(fr).sort(), Object.keys(en).sort())
  for (const [key, text] of Object.entries(en)) {
    const french = fr[key as keyof typeof en]
    t.same(places(french), places(text), key)
    t.equal(french.split(' | ').length, text.split(' | ').length, `${key}: plurals`)
    t.not(french.trim(), '', key)
    t.notMatch(
      french,
      / [;:?»]/.test(french) ? /[^\s\u00a0\u202f][;?]/ : /never/,
      `${key}: a space before the sign`,
    )
    t.notMatch(`${text}${french}`, /!/, `${key}: nobody shouts`)
  }
  t.end()
})

t.test('every key that a page asks for is there, and none is left over', (t) => {
  const sources = readdirSync(join(import.meta.dirname, '..'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.ts$|i18n\/(en|fr)\.ts$/.test(file))
    .map((file) => readFileSync(join(import.meta.dirname, '..', file), 'utf8'))
  const all = sources.join('\n')
  const asked = new Set([...all.matchAll(/'([a-zA-Z][\w-]*(?:\.[\w-]+)*)'/g)].map(([, key = '']) => key))
  // put together while the page runs: `status.${…}`
  const built = [...all.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map(([, prefix = '']) => prefix)
  const unused = Object.keys(en).filter(
    (key) => !asked.has(key) && !built.some((prefix) => key.startsWith(prefix)),
  )
  t.same(unused, [], 'no text is left over')
  t.end()
})
