import t from 'tap'
import { engineOf, FILE_NAME, fileName } from './dump.ts'

t.test('names of files', async (t) => {
  const at = new Date('2026-11-21T02:00:00.123Z')
  t.equal(fileName('blog', at, 'sql'), 'blog-2026-11-21T02-00-00Z-dump.sql.zst')
  t.equal(fileName('blog', at, 'rdb', 'Cache_1'), 'blog-2026-11-21T02-00-00Z-cache-1-dump.rdb.zst')
  const known = new RegExp(FILE_NAME)
  t.match(fileName('blog', at, 'sqlite', 'app-app.db'), known)
  for (const name of [
    '../x-dump.sql.zst',
    'a/b-dump.sql.zst',
    '.x-dump.sql.zst',
    'x-dump.sql.zst.tmp',
    'x.sql',
  ])
    t.notMatch(name, known, name)
})
t.test('engines by their other names', async (t) => {
  t.equal(engineOf('postgresql'), 'postgres')
  t.equal(engineOf('valkey'), 'redis')
  t.throws(() => engineOf('oracle'), { code: 'dump.unsupported' })
})
