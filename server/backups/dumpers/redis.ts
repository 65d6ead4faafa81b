/**
 * Redis and Valkey: the snapshot that a replica is sent. Back the same way: a second server of the same image loads the
 * file and the database becomes its replica for a moment, so that a file that does not load changes nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { SummonerError } from '../../errors.ts'
import { shellWord, type Dumper, type Session, type Target } from './dumper.ts'

/** Of the second server, in the database's own network namespace. */
const PORT = '16399'
const OPCODE_EOF = 0xff
const CHECKSUM_BYTES = 8
const MARK_BYTES = 40
const SYNC_MS = 10 * 60_000
const SERVE = `cat > /tmp/dump.rdb && exec "$0" --port ${PORT} --bind 127.0.0.1 --dir /tmp --dbfilename dump.rdb --save "" --appendonly no`

export const redis: Dumper = {
  extension: 'rdb',

  async version(session) {
    const info = await askCli(session, 'INFO', 'server')
    const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1]
    return valkey ? `Valkey ${valkey}` : `Redis ${/^redis_version:(\S+)/m.exec(info)?.[1] ?? '?'}`
  },

  async *dump(session) {
    const argv = [await cli(session), ...login(session.target), '--rdb', '-']
    yield* withoutMark(session.read(argv, { env: secret(session.target) }))
  },

  incomplete({ head, tail }) {
    if (!/^(REDIS|VALKEY)\d/.test(head.subarray(0, 16).toString('latin1')))
      return 'it does not begin as a snapshot does'
    return tail.at(-CHECKSUM_BYTES - 1) === OPCODE_EOF ? undefined : 'the end of the snapshot is missing'
  },

  async restore(session, content) {
    const second = { ...(await secondServer(session, content)), ask: askSecond(session) }
    try {
      await until(session, second, async () => (await second.ask('PING')).trim() === 'PONG')
      await sure(session, 'REPLICAOF', '127.0.0.1', PORT)
      try {
        await until(session, second, async () => {
          const info = await askCli(session, 'INFO', 'replication')
          return /^master_link_status:up/m.test(info) && /^master_sync_in_progress:0/m.test(info)
        })
      } finally {
        await sure(session, 'REPLICAOF', 'NO', 'ONE')
      }
    } finally {
      await second.ask('SHUTDOWN', 'NOSAVE').catch(() => {})
      second.end()
    }
    await second.ended
  },

  byHand(target, file) {
    const { account, passwordEnv, envFile, container } = target
    const cli = `"$cli" ${login(target).join(' ')}`
    const other = `env -u REDISCLI_AUTH "$cli" -p ${PORT}`
    const script = [
      'cli=$(command -v valkey-cli || command -v redis-cli) server=$(command -v valkey-server || command -v redis-server)',
      'cat > /tmp/dump.rdb',
      `"$server" --port ${PORT} --bind 127.0.0.1 --dir /tmp --dbfilename dump.rdb --save "" --appendonly no --daemonize yes > /dev/null`,
      `until [ "$(${other} ping)" = PONG ]; do sleep 1; done`,
      `${cli} replicaof 127.0.0.1 ${PORT}`,
      `until ${cli} info replication | grep -q master_link_status:up; do sleep 1; done`,
      `${cli} replicaof no one`,
      `${other} shutdown nosave; rm /tmp/dump.rdb`,
    ].join(' && ')
    const exec = (option: string) =>
      `zstd -dc ${shellWord(file)} | ${option}${shellWord(container.name)} sh -c ${shellWord(script)}`
    if (account.password === '' || passwordEnv === undefined) return exec('docker exec -i ')
    return `(. ${shellWord(envFile)}; ${exec(`REDISCLI_AUTH="$${passwordEnv}" docker exec -i -e REDISCLI_AUTH `)})`
  },
}

/**
 * A server that does not write its snapshot to a disk first ends it with a mark of 40 hexadecimal digits, which the
 * client cuts off files but not off its standard output.
 */
export async function* withoutMark(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of source) {
    const all = Buffer.concat([held, chunk])
    const ready = Math.max(0, all.length - MARK_BYTES)
    if (ready > 0) yield all.subarray(0, ready)
    held = all.subarray(ready)
  }
  if (!/^[0-9a-f]{40}$/.test(held.toString('latin1'))) yield held
}

const cli = (session: Session) => session.program('valkey-cli', 'redis-cli')
const login = ({ account: { user } }: Target) => [
  '-h',
  '127.0.0.1',
  ...(user === '' || user === 'default' ? [] : ['--user', user]),
]
const secret = ({ account }: Target) => (account.password === '' ? {} : { REDISCLI_AUTH: account.password })

async function askCli(session: Session, ...words: string[]): Promise<string> {
  return session.ask([await cli(session), ...login(session.target), ...words], secret(session.target))
}

/** The client ends with 0 also where the server refused. */
async function sure(session: Session, ...words: string[]): Promise<void> {
  const answer = (await askCli(session, ...words)).trim()
  if (!answer.startsWith('OK')) throw new SummonerError('exec.failed', `${words.join(' ')}: ${answer}`)
}

const askSecond =
  (session: Session) =>
  async (...words: string[]): Promise<string> =>
    session.ask([await cli(session), '-h', '127.0.0.1', '-p', PORT, ...words])

/** Its end before its time is remembered: it has then said why. */
async function secondServer(session: Session, content: AsyncIterable<Buffer>) {
  const server = await session.program('valkey-server', 'redis-server')
  const stop = new AbortController()
  const state: { failed?: unknown } = {}
  const ended = session.feed(['sh', '-c', SERVE, server], content, { signal: stop.signal })
  ended.catch((error: unknown) => (state.failed = error))
  let timer: NodeJS.Timeout | undefined
  const over = ended.finally(() => clearTimeout(timer))
  over.catch(() => {})
  return {
    state,
    ended: over,
    end: () => void (timer = setTimeout(() => stop.abort(), 10_000)),
  }
}

async function until(
  session: Session,
  second: { state: { failed?: unknown } },
  there: () => Promise<boolean>,
): Promise<void> {
  for (const deadline = Date.now() + SYNC_MS; ; await sleep(100)) {
    session.signal.throwIfAborted()
    if (second.state.failed !== undefined) throw second.state.failed
    if (await there().catch(() => false)) return
    if (Date.now() > deadline)
      throw new SummonerError('exec.timeout', 'The database did not take the snapshot over in time.')
  }
}
