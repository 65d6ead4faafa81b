/** MongoDB: mongodump's archive of the whole server, accounts and indexes included. */
import { firstOf, shellWord, type Dumper, type Session, type Target } from './dumper.ts'

const ARCHIVE = Buffer.from([0x6d, 0xe2, 0x99, 0x81])
const TERMINATOR = Buffer.from([0xff, 0xff, 0xff, 0xff])
const DROP_FILE = '/summoner-drop.js'
const PASSWORD_FILE = '/summoner-login.yml'
const OWN = ['admin', 'config', 'local']

export const mongodb: Dumper = {
  extension: 'archive',

  async version(session) {
    const said = await session.ask(['mongodump', '--version'])
    return said.split('\n')[0]?.trim() ?? 'mongodump'
  },

  async *dump(session, { portable }) {
    const { target } = session
    const scope = portable ? [`--db=${target.database}`] : []
    yield* session.read(['mongodump', '--archive', ...scope, ...login(target)], secret(target))
  },

  incomplete({ head, tail }) {
    if (!head.subarray(0, 4).equals(ARCHIVE)) return 'it does not begin as an archive of mongodump does'
    return tail.subarray(-4).equals(TERMINATOR) ? undefined : 'the end of the archive is missing'
  },

  async restore(session, content, { portable, from }) {
    const { target } = session
    await dropAll(session, portable)
    const scope =
      portable && from !== target.database
        ? [`--nsFrom=${from}.*`, `--nsTo=${target.database}.*`, `--nsInclude=${from}.*`]
        : []
    const argv = ['mongorestore', '--archive', '--drop', '--stopOnError', ...scope]
    await session.feed([...argv, ...login(target)], content, secret(target))
  },

  byHand(target, file) {
    const { account, passwordEnv, envFile, container } = target
    const line = (docker: string, login = '') =>
      `zstd -dc ${shellWord(file)} | ${docker} ${shellWord(container.name)} sh -c ${shellWord(`exec mongorestore --archive --drop --stopOnError${login}`)}`
    if (administrator(target))
      return line(
        'docker exec -i',
        signIn('"$MONGO_INITDB_ROOT_USERNAME"', 'admin', '$MONGO_INITDB_ROOT_PASSWORD'),
      )
    if (account.password === '' || passwordEnv === undefined) return line('docker exec -i')
    const login = signIn(shellWord(account.user), shellWord(target.database), '$PASSWORD')
    return `(. ${shellWord(envFile)}; ${line(`PASSWORD="$${passwordEnv}" docker exec -i -e PASSWORD`, login)})`
  },
}

/** What stands on a command line is read by everybody: the password comes by a pipe, as a block that takes any text. */
const signIn = (user: string, where: string, password: string): string =>
  ` --username=${user} --authenticationDatabase=${where} --config=/dev/fd/3 3<<END\npassword: |2-\n  ${password}\nEND\n`

/** The account that the image made with the server; none where the server asks for none. */
function administrator({ container }: Target) {
  const user = firstOf(container.env, 'MONGO_INITDB_ROOT_USERNAME')
  const password = firstOf(container.env, 'MONGO_INITDB_ROOT_PASSWORD')
  return user === undefined || password === undefined ? undefined : { user, password }
}

function account(target: Target) {
  if (target.account.password === '') return undefined
  return administrator(target) ?? target.account
}

function login(target: Target): string[] {
  const known = account(target)
  const base = ['--host=127.0.0.1', '--port=27017']
  if (!known) return base
  const where = administrator(target) ? 'admin' : target.database
  return [
    ...base,
    `--username=${known.user}`,
    `--authenticationDatabase=${where}`,
    `--config=${PASSWORD_FILE}`,
  ]
}

function secret(target: Target) {
  const known = account(target)
  return known ? { files: { [PASSWORD_FILE]: `password: ${JSON.stringify(known.password)}\n` } } : {}
}

/** `--drop` replaces the collections of the archive; what came later goes with its database. */
async function dropAll(session: Session, portable: boolean): Promise<void> {
  const { target } = session
  const shell = await session.program('mongosh', 'mongo').catch(() => undefined)
  if (shell === undefined)
    return session.log('The image has no shell of MongoDB: collections that are not in the dump stay.')
  const which = portable
    ? `[${JSON.stringify(target.database)}]`
    : `db.adminCommand({listDatabases: 1}).databases.map(d => d.name).filter(n => !${JSON.stringify(OWN)}.includes(n))`
  const known = account(target)
  const signIn = known
    ? `db.getSiblingDB(${JSON.stringify(administrator(target) ? 'admin' : target.database)}).auth(${JSON.stringify(known.user)}, ${JSON.stringify(known.password)});`
    : ''
  const script = `${signIn} ${which}.forEach(n => db.getSiblingDB(n).dropDatabase())\n`
  const argv = [shell, '--quiet', '--host', '127.0.0.1', '--port', '27017', DROP_FILE]
  await session.feed(argv, [], { files: { [DROP_FILE]: script } })
}
