import t from 'tap'
import { placeOf } from './place-of.ts'

const text = `summoner:
  domain: example.org
  applications:
    - ghost
    - {name: blog, template: wordpress, database: shared}
    - name: wiki
      database: shared
`
const at = (application: string, key = 'database') => placeOf(text, '/etc/config.yml', application, key)

t.strictSame(at('blog'), { path: '/etc/config.yml', line: 5, column: 41 })
t.strictSame(at('wiki'), { path: '/etc/config.yml', line: 7, column: 7 })
t.strictSame(
  at('ghost'),
  { path: '/etc/config.yml', line: 4, column: 7 },
  'the entry, where it has no such key',
)
t.strictSame(at('gone'), { path: '/etc/config.yml', line: 4, column: 5 }, 'the list, where there is no entry')
t.strictSame(placeOf('summoner: {}', 'c', 'x', 'database'), { path: 'c' })
t.strictSame(placeOf(': [', 'c', 'x', 'database'), { path: 'c' })
