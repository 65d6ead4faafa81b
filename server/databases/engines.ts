/**
 * What a shared server is told, engine by engine: SQL that may run any number of times. A minion's account owns its
 * database and is nothing else: it reads no other, makes none and gives nobody rights. Pure.
 */
import { mysqlName, mysqlText, postgresName, postgresText } from '../backups/dumpers/quoting.ts'
import type { SharedEngine } from '../templates/shared-database.ts'

export interface TenantAccount {
  database: string
  user: string
  password: string
}

export interface TenantEngine {
  /** Reads SQL from its standard input, as the server's administrator, and answers one row a line. */
  client: string
  /** The administrator's password, by the variable that the client reads. */
  secret(env: Readonly<Record<string, string>>): Record<string, string>
  /** Database and account, whatever of them is there already; the password is always the one given. */
  make(account: TenantAccount): string
  /** The database anew and empty, with its account. */
  renew(account: TenantAccount): string
  /** The database and the account of the same name. */
  drop(database: string): string
  /** `name<TAB>bytes` of every database. */
  list: string
}

const mysqlMake = ({ database, user, password }: TenantAccount) => {
  const account = `${mysqlText(user)}@'%'`
  // in a grant `_` stands for any character
  const pattern = mysqlName(database.replaceAll('_', '\\_'))
  return [
    `CREATE DATABASE IF NOT EXISTS ${mysqlName(database)};`,
    `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY ${mysqlText(password)};`,
    `ALTER USER ${account} IDENTIFIED BY ${mysqlText(password)};`,
    `GRANT ALL PRIVILEGES ON ${pattern}.* TO ${account};`,
    '',
  ].join('\n')
}

const mysqlDrop = (database: string) => `DROP DATABASE IF EXISTS ${mysqlName(database)};\n`

const mysql: TenantEngine = {
  client:
    'exec "$(command -v mariadb || command -v mysql)" --host=127.0.0.1 --protocol=tcp --user=root --batch --raw --skip-column-names --default-character-set=utf8mb4',
  secret: (env) => ({ MYSQL_PWD: env['MARIADB_ROOT_PASSWORD'] ?? env['MYSQL_ROOT_PASSWORD'] ?? '' }),
  make: mysqlMake,
  renew: (account) => `${mysqlDrop(account.database)}${mysqlMake(account)}`,
  drop: (database) => `${mysqlDrop(database)}DROP USER IF EXISTS ${mysqlText(database)}@'%';\n`,
  list: `SELECT s.SCHEMA_NAME, CAST(COALESCE(SUM(t.DATA_LENGTH + t.INDEX_LENGTH), 0) AS UNSIGNED)
    FROM information_schema.SCHEMATA s LEFT JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = s.SCHEMA_NAME
    WHERE s.SCHEMA_NAME LIKE 'app%' GROUP BY s.SCHEMA_NAME;\n`,
}

/** PostgreSQL lets everybody into every database until it is told otherwise. */
const postgresMake = ({ database, user, password }: TenantAccount) =>
  [
    `SELECT ${postgresText(`CREATE ROLE ${postgresName(user)} LOGIN`)} WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${postgresText(user)}) \\gexec`,
    `ALTER ROLE ${postgresName(user)} WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD ${postgresText(password)};`,
    `SELECT ${postgresText(`CREATE DATABASE ${postgresName(database)} OWNER ${postgresName(user)} TEMPLATE template0 CONNECTION LIMIT 0`)} WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = ${postgresText(database)}) \\gexec`,
    `REVOKE ALL ON DATABASE ${postgresName(database)} FROM PUBLIC;`,
    `ALTER DATABASE ${postgresName(database)} CONNECTION LIMIT -1;`,
    'REVOKE ALL ON DATABASE postgres FROM PUBLIC;',
    'REVOKE ALL ON DATABASE template1 FROM PUBLIC;',
    '',
  ].join('\n')

const postgresDrop = (database: string) => `DROP DATABASE IF EXISTS ${postgresName(database)} WITH (FORCE);\n`

const postgres: TenantEngine = {
  client:
    'exec psql --no-psqlrc --quiet --tuples-only --no-align --field-separator="$(printf "\\t")" --set=ON_ERROR_STOP=1 --host=127.0.0.1 --username="${POSTGRES_USER:-postgres}" --no-password --dbname=postgres',
  secret: (env) => ({ PGPASSWORD: env['POSTGRES_PASSWORD'] ?? '' }),
  make: postgresMake,
  renew: (account) => `${postgresDrop(account.database)}${postgresMake(account)}`,
  drop: (database) => `${postgresDrop(database)}DROP ROLE IF EXISTS ${postgresName(database)};\n`,
  list: `SELECT datname, pg_catalog.pg_database_size(datname) FROM pg_catalog.pg_database WHERE datname LIKE 'app%';\n`,
}

const ENGINES: Record<SharedEngine, TenantEngine> = { mariadb: mysql, mysql, postgres }

export const tenantEngine = (engine: SharedEngine): TenantEngine => ENGINES[engine]

/** SQL by the environment: arguments of programs can be seen by everybody on the host. */
export const administratorArgv = ({ client }: TenantEngine): string[] => [
  'sh',
  '-c',
  `printf %s "$SUMMONER_SQL" | (unset SUMMONER_SQL; ${client})`,
]

/** What {@link administratorArgv} needs in its environment; `env` is that of the server's container. */
export const administratorEnv = (
  engine: TenantEngine,
  env: Readonly<Record<string, string>>,
  sql: string,
): Record<string, string> => ({ ...engine.secret(env), SUMMONER_SQL: sql })
