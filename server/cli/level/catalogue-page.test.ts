import t from 'tap'
import { cataloguePage, mergeResults } from './catalogue-page.ts'
import type { LevelResult } from './level-result.ts'

const row = (change: Partial<LevelResult>): LevelResult => ({
  template: 'wiki',
  version: '1.0',
  level: 4,
  images: 'stand-in',
  at: '2026-11-21T10:00:00.000Z',
  memory: { declared: 256, seen: 40 },
  ...change,
})

t.test('the newest try of a template and kind of image wins; other kinds stay', async (t) => {
  const known = [row({ level: 2 }), row({ images: 'registry' }), row({ template: 'blog' })]
  const merged = mergeResults(known, row({ level: 3, why: 'step 1' }))
  t.same(
    merged.map(({ template, images, level }) => `${template} ${images} ${level}`),
    ['blog stand-in 4', 'wiki registry 4', 'wiki stand-in 3'],
  )
})

t.test('the page says what was tried, on what, when, and what was not', async (t) => {
  const page = cataloguePage([row({ level: 3, why: 'a | b' })], ['wiki', 'blog'])
  t.match(page, '| wiki | 3 | 1.0 | stand-in | 256 / – | 2026-11-21 | a \\| b |')
  t.match(page, 'Not tried yet: blog.')
})
