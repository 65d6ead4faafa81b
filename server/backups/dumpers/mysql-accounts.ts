/** Accounts, roles and grants of a MariaDB or MySQL server as SQL that may run any number of times. */

import { SummonerError } from '../../errors.ts'

/** Made by the image of every server for itself: theirs is another password on every server. */
const OWN = /^(root|healthcheck|mariadb\.sys|mysql|mysql\..*|PUBLIC|)$/

/** `ask` runs SQL as root and answers one row a line. `granted` names tables and routines, which must be there. */
export async function accountsSql(
  query: (sql: string) => Promise<string>,
): Promise<{ made: string[]; granted: string[] }> {
  // every one of these questions has an answer: none would make a dump without its accounts
  const ask = async (sql: string): Promise<string> => {
    const answer = await query(sql)
    if (answer.trim() === '') throw new SummonerError('dump.failed', `The server left "${sql}" unanswered.`)
    return answer
  }
  const version = await ask('SELECT VERSION()')
  const mariadb = version.includes('MariaDB')
  // MySQL keeps roles as accounts, MariaDB marks them
  const role = mariadb ? 'is_role' : "'N'"
  // the newer hashes of MySQL hold any byte
  const inHex = mariadb || version.startsWith('5.') ? '' : 'SET SESSION print_identified_with_as_hex = ON; '
  const accounts = rows(await ask(`SELECT User, Host, ${role} FROM mysql.user ORDER BY 3 DESC, 1, 2`))
    .map((row) => row.split('\t'))
    .filter(([user = '']) => !OWN.test(user))
    .map(([user = '', host = '', role]) => ({ user, host, role: role === 'Y' }))
  const made: string[] = []
  const granted: string[] = []
  for (const { user, host, role } of accounts) {
    const account = role ? quoted(user) : `${quoted(user)}@${quoted(host)}`
    if (role) made.push(`CREATE ROLE IF NOT EXISTS ${account};`)
    else {
      const [create = ''] = rows(await ask(`${inHex}SHOW CREATE USER ${account}`))
      const definition = create.replace(/^CREATE USER /, '')
      made.push(`CREATE USER IF NOT EXISTS ${definition};`, `ALTER USER ${definition};`)
    }
    if (!role) made.push(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account};`)
    granted.push(...rows(await ask(`SHOW GRANTS FOR ${account}`)).map((grant) => `${grant};`))
  }
  return { made, granted }
}

const rows = (text: string) => text.split('\n').filter((line) => line !== '')
const quoted = (word: string) => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
