import t from 'tap'
import { categoriesOf, searchTemplates } from './search.ts'

const rows = [
  { name: 'ghost', category: 'web', summary: { en: 'Blog with Ghost', fr: 'Blog avec Ghost' } },
  {
    name: 'mediawiki',
    category: 'documentation',
    summary: { en: 'The wiki of Wikipedia', fr: 'Le wiki de Wikipédia' },
  },
  { name: 'wikijs', category: 'documentation' },
  { name: 'broken', problem: 'line 3' },
]
const names = (typed: string, category?: string) =>
  searchTemplates(rows, { typed, category }).map(({ name }) => name)

t.test('name, words of both languages, category; names that begin so come first', (t) => {
  t.same(names(''), ['broken', 'ghost', 'mediawiki', 'wikijs'])
  t.same(names('wiki'), ['wikijs', 'mediawiki'])
  t.same(names('wikipedia'), ['mediawiki'])
  t.same(names('avec blog'), ['ghost'])
  t.same(names('', 'documentation'), ['mediawiki', 'wikijs'])
  t.same(names('ghost', 'documentation'), [])
  t.same(categoriesOf(rows), ['documentation', 'web'])
  t.end()
})
