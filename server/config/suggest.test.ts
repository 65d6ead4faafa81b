import t from 'tap'
import { didYouMean, suggest } from './suggest.ts'

const known = ['applications', 'domain', 'dbsroot', 'vsroot', 'tls', 'images', 'email']
const rows: [word: string, expected: string | undefined][] = [
  ['aplications', 'applications'],
  ['domian', 'domain'],
  ['DOMAIN', 'domain'],
  ['dbroot', 'dbsroot'],
  ['image', 'images'],
  ['tsl', 'tls'],
  ['mail', 'email'],
  ['xyz', undefined],
  ['', undefined],
  ['subdomainname', undefined],
  ['x'.repeat(100_000), undefined],
]
for (const [word, expected] of rows) t.equal(suggest(word, known), expected, word.slice(0, 20))
t.equal(didYouMean('domian', known), '; did you mean "domain"?')
t.equal(didYouMean('qqqqqq', known), '')
