import t from 'tap'
import { postgres, rolesSql } from './postgres.ts'
import { postgresText as text } from './quoting.ts'

t.test('roles are made only where they are missing', async (t) => {
  const dumped = [
    '\\restrict abc',
    'CREATE ROLE app;',
    'ALTER ROLE app WITH LOGIN;',
    'CREATE ROLE "o""dd \'name";',
    '\\unrestrict abc',
    '',
  ]
  t.same(rolesSql(dumped.join('\n')), [
    "SELECT 'CREATE ROLE app' WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'app') \\gexec",
    'ALTER ROLE app WITH LOGIN;',
    `SELECT 'CREATE ROLE "o""dd ''name"' WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'o"dd ''name') \\gexec`,
    '',
  ])
  t.equal(text('a\\b'), "E'a\\\\b'")
})
t.test('the last words of a whole export', async (t) => {
  const incomplete = (tail: string) => postgres.incomplete({ head: Buffer.alloc(0), tail: Buffer.from(tail) })
  t.equal(incomplete('x;\n\n--\n-- PostgreSQL database dump complete\n--\n\n'), undefined)
  t.equal(incomplete('--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict Ab9\n\n'), undefined)
  t.match(incomplete("INSERT INTO t VALUES ('-- PostgreSQL database dump complete')"), /last line/)
  t.match(incomplete('--\n-- PostgreSQL database dump complete\n--\n\nSELECT'), /last line/)
})
