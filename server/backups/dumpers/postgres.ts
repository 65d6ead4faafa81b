/** PostgreSQL: the roles of the server, then SQL that drops, creates and fills one database. */
import { SummonerError } from '../../errors.ts'
import { postgresName as name, postgresText as text } from './quoting.ts'
import { renewTenant, tenantByHand } from './tenant.ts'
import { firstOf, shellWord, type Dumper, type Session, type Target } from './dumper.ts'

const TRAILER = /-- PostgreSQL database dump complete\s+--\s*(?:\\unrestrict [A-Za-z0-9]+\s*)?$/
/** Always there, and never the one that is dropped. */
const MEANWHILE = 'template1'

export const postgres: Dumper = {
  extension: 'sql',

  version: async (session) =>
    `PostgreSQL ${(await session.ask(psql(session.target, 'SHOW server_version'), secret(session.target))).trim()}`,

  async *dump(session, { portable }) {
    const { target } = session
    const { database } = target
    if (!portable)
      yield Buffer.from(
        [
          `-- ${target.engine} database ${database} of the minion ${target.minion}`,
          ...(isAdministrator(target) ? rolesSql(await roles(session)) : []),
          `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = ${text(database)} AND pid <> pg_catalog.pg_backend_pid();`,
          '',
        ].join('\n'),
      )
    const scope = portable ? ['--no-owner', '--no-privileges'] : ['--create', '--clean', '--if-exists']
    const argv = ['pg_dump', ...connection(target), '--no-password', ...scope, `--dbname=${database}`]
    yield* session.read(argv, { env: secret(target) })
  },

  incomplete: ({ tail }) =>
    TRAILER.test(tail.toString('latin1'))
      ? undefined
      : 'its last line is not "PostgreSQL database dump complete"',

  async restore(session, content, { portable }) {
    const { target } = session
    const env = secret(target)
    const quiet = ['--no-psqlrc', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1', '--output=/dev/null']
    if (target.shared) return restoreAsTenant(session, quiet, content)
    const client = ['psql', ...connection(target), ...quiet]
    if (portable)
      await session.feed(
        [...client, `--dbname=${MEANWHILE}`],
        [
          Buffer.from(
            `DROP DATABASE IF EXISTS ${name(target.database)} WITH (FORCE);\nCREATE DATABASE ${name(target.database)} OWNER ${name(target.account.user)} TEMPLATE template0;\n`,
          ),
        ],
        { env },
      )
    await session.feed([...client, `--dbname=${portable ? target.database : MEANWHILE}`], content, { env })
    // the application goes on signing in with the password of its own .env, whatever the dump says
    const { user, password } = target.account
    if (!isAdministrator(target)) return
    const sql = `ALTER ROLE ${name(user)} PASSWORD ${text(password)};\n`
    await session.feed([...client, `--dbname=${MEANWHILE}`], [Buffer.from(sql)], { env })
  },

  byHand(target, file) {
    if (target.shared)
      return tenantByHand(
        target,
        file,
        'PGPASSWORD',
        `psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -U ${target.account.user} -d ${target.database} -o /dev/null`,
      )
    const words = `PGPASSWORD="$POSTGRES_PASSWORD" exec psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -U ${shellWord(administrator(target).user)} -d ${MEANWHILE} -o /dev/null`
    return `zstd -dc ${shellWord(file)} | docker exec -i ${shellWord(target.container.name)} sh -c ${shellWord(words)}`
  },
}

/** By the minion's own account, which then owns all: whatever the dump says, it says it to this database only. */
async function restoreAsTenant(
  session: Session,
  quiet: readonly string[],
  content: AsyncIterable<Buffer>,
): Promise<void> {
  const { account, database } = session.target
  await renewTenant(session)
  const argv = ['psql', '--host=127.0.0.1', `--username=${account.user}`, ...quiet, `--dbname=${database}`]
  await session.feed(argv, content, { env: { PGPASSWORD: account.password } })
}

/** The account that the image made with the cluster is its superuser. */
function administrator({ container, account }: Target) {
  const password = firstOf(container.env, 'POSTGRES_PASSWORD')
  return password === undefined
    ? account
    : { user: firstOf(container.env, 'POSTGRES_USER') ?? 'postgres', password }
}

const isAdministrator = ({ container }: Target) => firstOf(container.env, 'POSTGRES_PASSWORD') !== undefined
const connection = (target: Target) => ['--host=127.0.0.1', `--username=${administrator(target).user}`]
const secret = (target: Target) => ({ PGPASSWORD: administrator(target).password })

const psql = (target: Target, sql: string) => [
  'psql',
  ...connection(target),
  '--no-psqlrc',
  '--no-password',
  '--tuples-only',
  '--no-align',
  `--dbname=${MEANWHILE}`,
  `--command=${sql}`,
]

async function roles({ target, ask }: Session): Promise<string> {
  const argv = [
    'pg_dumpall',
    ...connection(target),
    '--no-password',
    '--roles-only',
    `--database=${MEANWHILE}`,
  ]
  const dumped = await ask(argv, secret(target))
  if (!dumped.includes('-- PostgreSQL database cluster dump complete'))
    throw new SummonerError('dump.failed', 'The list of roles is not whole.')
  return dumped
}

/** `CREATE ROLE` has no "if not exists"; psql makes the statement only where the role is missing. */
export function rolesSql(dumped: string): string[] {
  return dumped
    .split('\n')
    .filter((line) => !/^\\(un)?restrict /.test(line))
    .map((line) => {
      const role = /^CREATE ROLE (.+);$/.exec(line)?.[1]
      if (role === undefined) return line
      const plain = role.startsWith('"') ? role.slice(1, -1).replaceAll('""', '"') : role
      return `SELECT ${text(`CREATE ROLE ${role}`)} WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${text(plain)}) \\gexec`
    })
}
