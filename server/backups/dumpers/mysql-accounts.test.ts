import t from 'tap'
import { accountsSql } from './mysql-accounts.ts'

const server = (answers: Record<string, string>) => async (sql: string) =>
  Object.entries(answers).find(([begin]) => sql.startsWith(begin))?.[1] ?? ''
const mariadb = {
  'SELECT VERSION': '11.8.2-MariaDB\n',
  'SELECT User': 'editors\t\tY\napp\t%\tN\nroot\t%\tN\nmariadb.sys\tlocalhost\tN\n',
  "SHOW CREATE USER 'app'@'%'": "CREATE USER `app`@`%` IDENTIFIED BY PASSWORD '*1'\n",
  "SHOW GRANTS FOR 'app'@'%'": 'GRANT USAGE ON *.* TO `app`@`%`\nGRANT ALL ON `shop`.* TO `app`@`%`\n',
  "SHOW GRANTS FOR 'editors'": 'GRANT SELECT ON `shop`.* TO `editors`\n',
}

t.test('accounts and roles that may be made twice; grants apart; the image’s own left alone', async (t) => {
  t.same(await accountsSql(server(mariadb)), {
    made: [
      "CREATE ROLE IF NOT EXISTS 'editors';",
      "CREATE USER IF NOT EXISTS `app`@`%` IDENTIFIED BY PASSWORD '*1';",
      "ALTER USER `app`@`%` IDENTIFIED BY PASSWORD '*1';",
      "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'app'@'%';",
    ],
    granted: [
      'GRANT SELECT ON `shop`.* TO `editors`;',
      'GRANT USAGE ON *.* TO `app`@`%`;',
      'GRANT ALL ON `shop`.* TO `app`@`%`;',
    ],
  })
})
t.test('a question without an answer is no answer', async (t) => {
  for (const unanswered of Object.keys(mariadb))
    await t.rejects(
      accountsSql(server({ ...mariadb, [unanswered]: '' })),
      { code: 'dump.failed' },
      unanswered,
    )
})
t.test('MySQL is asked for hashes in hexadecimal, and for no roles of its own', async (t) => {
  const asked: string[] = []
  await accountsSql(async (sql) => {
    asked.push(sql)
    if (sql.startsWith('SELECT VERSION')) return '8.4.2\n'
    if (sql.startsWith('SELECT User')) return 'app\t%\tN\n'
    return sql.includes('SHOW CREATE') ? 'CREATE USER `app`@`%`\n' : 'GRANT USAGE ON *.* TO `app`@`%`\n'
  })
  t.notMatch(asked.join('\n'), 'is_role')
  t.match(asked.join('\n'), 'SET SESSION print_identified_with_as_hex = ON; SHOW CREATE USER')
})
