import t from 'tap'
import { administratorArgv, administratorEnv, tenantEngine } from './engines.ts'

const account = { database: 'app_my_blog', user: 'app_my_blog', password: "it's \\ $(x) `y`" }

t.test('a grant names one database: `_` would stand for any character', async (t) => {
  const sql = tenantEngine('mariadb').make(account)
  t.match(sql, 'GRANT ALL PRIVILEGES ON `app\\_my\\_blog`.* TO')
  t.match(sql, 'CREATE DATABASE IF NOT EXISTS `app_my_blog`')
  t.match(sql, "IDENTIFIED BY 'it''s \\\\ $(x) `y`'")
  t.equal(tenantEngine('mysql').make(account), sql, 'MySQL is told the same')
})

t.test('PostgreSQL lets nobody else in, from the first moment on', async (t) => {
  const lines = tenantEngine('postgres').make(account).split('\n')
  const at = (part: string) => lines.findIndex((line) => line.includes(part))
  t.ok(at('CONNECTION LIMIT 0') < at('REVOKE ALL ON DATABASE "app_my_blog" FROM PUBLIC'))
  t.ok(at('REVOKE ALL ON DATABASE "app_my_blog" FROM PUBLIC') < at('CONNECTION LIMIT -1'))
  t.ok(at('REVOKE ALL ON DATABASE postgres FROM PUBLIC') > 0)
  t.match(lines.join('\n'), "PASSWORD E'it''s \\\\ $(x) `y`'")
})

t.test('secrets reach the client by the environment, never by its arguments', async (t) => {
  for (const name of ['mariadb', 'postgres'] as const) {
    const engine = tenantEngine(name)
    const env = { MARIADB_ROOT_PASSWORD: 'top', POSTGRES_PASSWORD: 'top' }
    t.notMatch(administratorArgv(engine).join(' '), /top|it's/)
    t.match(Object.values(administratorEnv(engine, env, engine.make(account))).join(), /top/)
  }
})
