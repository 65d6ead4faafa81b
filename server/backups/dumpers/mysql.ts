/** MariaDB and MySQL: SQL of one database with its routines, events and triggers, behind the accounts of the server. */
import { SummonerError } from '../../errors.ts'
import { accountsSql } from './mysql-accounts.ts'
import { linesChanged, ownDefiner } from './line-edits.ts'
import { mysqlName as name, mysqlText as text } from './quoting.ts'
import { renewTenant, tenantByHand } from './tenant.ts'
import { firstOf, shellWord, type Dumper, type Session, type Target } from './dumper.ts'

const OPTIONS = [
  '--single-transaction',
  '--quick',
  '--hex-blob',
  '--routines',
  '--events',
  '--triggers',
  '--no-tablespaces',
  '--max-allowed-packet=1G',
  '--default-character-set=utf8mb4',
  // `loose-`: only one of the two families knows it
  '--loose-set-gtid-purged=OFF',
]
const UNTRUE = 'its last line is not "Dump completed"'
const LAST = 256
const TRAILER = /-- Dump completed[^\n]*\s*$/

export const mysql: Dumper = {
  extension: 'sql',

  version: async (session) =>
    (await askSql(session, 'SELECT CONCAT(VERSION(), " ", @@version_comment)')).trim(),

  async *dump(session, { portable }) {
    const { database } = session.target
    const properties = await askSql(
      session,
      `SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${text(database)}`,
    )
    const [charset, collation] = properties.trim().split('\t')
    if (!charset || !collation)
      throw new SummonerError('dump.failed', `The server has no database ${database}.`)
    await warnOfLoose(session)
    // whatever it is called then, it sorts and compares as it did
    if (portable) yield Buffer.from(`ALTER DATABASE CHARACTER SET ${charset} COLLATE ${collation};\n`)
    const root = !portable && isAdministrator(session.target)
    const accounts = root ? await accountsSql((sql) => askSql(session, sql)) : { made: [], granted: [] }
    if (!portable)
      yield Buffer.from(
        [
          `-- ${session.target.engine} database ${database} of the minion ${session.target.minion}`,
          `DROP DATABASE IF EXISTS ${name(database)};`,
          `CREATE DATABASE ${name(database)} CHARACTER SET ${charset} COLLATE ${collation};`,
          ...accounts.made,
          `USE ${name(database)};`,
          '',
        ].join('\n'),
      )
    const program = await session.program('mariadb-dump', 'mysqldump')
    const argv = [program, ...connection(session.target), ...OPTIONS, database]
    let tail: Buffer = Buffer.alloc(0)
    for await (const chunk of session.read(argv, { env: secret(session.target) })) {
      tail = chunk.length >= LAST ? chunk.subarray(-LAST) : Buffer.concat([tail, chunk]).subarray(-LAST)
      yield chunk
    }
    if (!TRAILER.test(tail.toString('latin1'))) throw new SummonerError('dump.failed', UNTRUE)
    yield Buffer.from([...accounts.granted, '-- Dump completed, with its accounts', ''].join('\n'))
  },

  incomplete: ({ tail }) => (TRAILER.test(tail.toString('latin1')) ? undefined : UNTRUE),

  async restore(session, content, { portable }) {
    const { target } = session
    const client = await session.program('mariadb', 'mysql')
    if (target.shared) return restoreAsTenant(session, client, content)
    const argv = [client, ...connection(target), '--default-character-set=utf8mb4', '--max-allowed-packet=1G']
    if (portable) {
      await askSql(
        session,
        `DROP DATABASE IF EXISTS ${name(target.database)}; CREATE DATABASE ${name(target.database)};`,
      )
      argv.push(target.database)
    }
    await session.feed(argv, content, { env: secret(target) })
    // the application goes on signing in with the password of its own .env, whatever the dump says
    const { user, password } = target.account
    if (!isAdministrator(target) || user === administrator(target).user) return
    const sql = `ALTER USER IF EXISTS ${text(user)}@'%' IDENTIFIED BY ${text(password)};\n`
    await session.feed([client, ...connection(target)], [Buffer.from(sql)], { env: secret(target) })
  },

  byHand(target, file) {
    if (target.shared)
      return tenantByHand(
        target,
        file,
        'MYSQL_PWD',
        `"$(command -v mariadb || command -v mysql)" -h127.0.0.1 -u${target.account.user} --default-character-set=utf8mb4 ${target.database}`,
      )
    const words = isAdministrator(target)
      ? 'MYSQL_PWD="${MARIADB_ROOT_PASSWORD:-$MYSQL_ROOT_PASSWORD}" exec "$client" -h127.0.0.1 -uroot'
      : `MYSQL_PWD="\${MARIADB_PASSWORD:-$MYSQL_PASSWORD}" exec "$client" -h127.0.0.1 -u${shellWord(target.account.user)}`
    const script = `client=$(command -v mariadb || command -v mysql); ${words} --default-character-set=utf8mb4`
    return `zstd -dc ${shellWord(file)} | docker exec -i ${shellWord(target.container.name)} sh -c ${shellWord(script)}`
  },
}

/**
 * By the minion's own account: whatever the dump says, it says it to this database only. Who defined a view or a trigger
 * is whoever restores it, because only an administrator may name somebody else.
 */
async function restoreAsTenant(
  session: Session,
  client: string,
  content: AsyncIterable<Buffer>,
): Promise<void> {
  const { account, database } = session.target
  await renewTenant(session)
  const argv = [
    client,
    '--host=127.0.0.1',
    '--protocol=tcp',
    `--user=${account.user}`,
    '--default-character-set=utf8mb4',
    '--max-allowed-packet=1G',
    database,
  ]
  await session.feed(argv, linesChanged(content, ownDefiner), { env: { MYSQL_PWD: account.password } })
}

/** Root where the image was told its password: only root sees every routine and the accounts. */
function administrator({ container, account }: Target) {
  const password = firstOf(container.env, 'MARIADB_ROOT_PASSWORD', 'MYSQL_ROOT_PASSWORD')
  return password === undefined ? account : { user: 'root', password }
}

const isAdministrator = (target: Target) => administrator(target).user === 'root'

const connection = (target: Target) => [
  '--host=127.0.0.1',
  '--protocol=tcp',
  `--user=${administrator(target).user}`,
]
const secret = (target: Target) => ({ MYSQL_PWD: administrator(target).password })

async function askSql(session: Session, sql: string): Promise<string> {
  const client = await session.program('mariadb', 'mysql')
  const argv = [client, ...connection(session.target), '--default-character-set=utf8mb4']
  return session.ask([...argv, '--batch', '--raw', '--skip-column-names', `--execute=${sql}`], {
    ...secret(session.target),
  })
}

/** One transaction covers only engines that have transactions. */
async function warnOfLoose(session: Session): Promise<void> {
  const tables = await askSql(
    session,
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${text(session.target.database)} AND TABLE_TYPE = 'BASE TABLE' AND ENGINE IN ('MyISAM', 'Aria', 'MEMORY', 'CSV', 'ARCHIVE') LIMIT 20`,
  )
  const names = tables.split('\n').filter((line) => line !== '')
  if (names.length > 0)
    session.log(
      `These tables have no transactions; what is written to them during the dump may be half in it: ${names.join(', ')}`,
    )
}
