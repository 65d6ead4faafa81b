/** What every dumper must do, on the real engine. */
import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync, truncateSync } from 'node:fs'
import type { Test } from 'tap'
import { writeDumpFile } from '../../server/backups/dump-file.ts'
import { checkDump, targetFor } from '../../server/backups/restore-dump.ts'
import { createRig, type Server, type ServerWish } from './rig.ts'

export interface Case {
  name: string
  /** Why it cannot be tried here. */
  skip?: string | false
  wish(dir: string): ServerWish
  fill(server: Server): void
  /** Everything that must come back, as text. */
  tell(server: Server): string
  /** Changes, removes, and adds what must not survive a restore. */
  spoil(server: Server): void
  /** What `spoil` added is not there. */
  gone(server: Server): boolean
  /** The application gets in with its own account. */
  signIn(server: Server): boolean
  /** An export that passes for whole and fails in its middle. */
  broken?: string | Buffer
  /** Nothing after the failure was done; or, where the engine can, nothing at all. */
  stoppedAtOnce?(server: Server): boolean
  /** Transactions that leave two tables equally long. */
  write?(server: Server, many: number): Promise<void>
  even?(server: Server): boolean
  /** The server cannot run while its file is exchanged. */
  still?: boolean
}

export function conforms(t: Test, one: Case): Promise<unknown> {
  return t.test(one.name, { timeout: 600_000, skip: one.skip ?? false }, async (t) => {
    const { signIn } = one
    const rig = createRig()
    t.teardown(() => rig.remove())
    const server = await rig.start(one.wish(rig.dir))
    const { target } = server
    one.fill(server)
    const before = one.tell(server)
    t.comment(`${before.length} characters tell what is there`)

    const taken = await rig.take(target)
    t.match(taken, { minion: 'shop', service: 'db', engine: target.engine, database: target.database })
    t.match(taken.version, /\d/)
    t.equal(taken.sha256, createHash('sha256').update(readFileSync(taken.path)).digest('hex'))
    t.match(await checkDump(taken.path, rig.context()), { content: taken.content, packed: taken.packed })
    t.same(await rig.tasks(), [], 'no container is left')
    same(t, one.tell(server), before, 'a dump changes nothing')

    await t.test('restored in place', async (t) => {
      one.spoil(server)
      t.not(
        attempt(() => one.tell(server)),
        before,
      )
      await rig.restore(target, taken.path)
      same(t, one.tell(server), before, 'all of it is back')
      t.ok(one.gone(server), 'what came later is gone')
      t.ok(signIn(server), 'the application gets in')
      await rig.restore(target, taken.path)
      same(t, one.tell(server), before, 'a second time changes nothing')
    })

    await t.test('restored by the printed command', async (t) => {
      one.spoil(server)
      rig.byHand(target, taken.path)
      if (one.still) one.wish(rig.dir).ready(server)
      same(t, one.tell(server), before)
      t.ok(signIn(server))
    })

    await t.test('restored into a server that has nothing', async (t) => {
      const other = createRig()
      t.teardown(() => other.remove())
      const fresh = await other.start(one.wish(other.dir))
      await other.restore(fresh.target, taken.path)
      same(t, one.tell(fresh), before)
      t.ok(signIn(fresh))
    })

    await t.test('what is not whole or not ours is refused before anything is dropped', async (t) => {
      const cut = `${taken.path}-cut`
      copyFileSync(taken.path, cut)
      truncateSync(cut, Math.floor(taken.bytes / 2))
      await t.rejects(rig.restore(target, cut), { code: 'dump.damaged' })
      const { path: _path, sha256: _sha256, ...record } = taken
      t.throws(() => targetFor({ ...record, minion: 'other' }, [target], 'shop'), { code: 'dump.foreign' })
      t.throws(() => targetFor({ ...record, service: 'cache' }, [target], 'shop'), { code: 'dump.foreign' })
      const newer = await crafted(taken.path, readable(one), { version: '999.1' })
      await t.rejects(rig.restore(target, newer), { code: 'dump.newer' })
      same(t, one.tell(server), before)
    })

    const { write, even } = one
    if (write && even)
      await t.test('consistent while it is written to', async (t) => {
        await write(server, 1)
        const stop = new AbortController()
        const writing = (async () => {
          while (!stop.signal.aborted) {
            await write(server, 200)
          }
        })()
        const hot = await rig.take(target)
        stop.abort()
        await writing
        await rig.restore(target, hot.path)
        t.ok(even(server), 'both halves of every transaction, or none')
        await rig.restore(target, taken.path)
        same(t, one.tell(server), before)
      })

    await t.test('an error of the engine fails the dump and leaves nothing', async (t) => {
      const files = rig.files()
      const wrong = {
        ...target,
        container: { ...target.container, env: {} },
        database: `${target.database}-no`,
      }
      const refused = { ...wrong, account: { user: 'nobody', password: 'wrong' } }
      await t.rejects(rig.take(refused), { code: /^dump\.|^exec/ })
      const cancel = new AbortController()
      const cancelled = rig.take(target, { signal: cancel.signal })
      cancel.abort()
      await t.rejects(cancelled, { code: 'job.cancelled' })
      t.same(rig.files(), files)
      t.same(await rig.tasks(), [])
    })

    if (one.broken !== undefined && one.stoppedAtOnce)
      await t.test('the first error stops a restore', async (t) => {
        const path = await crafted(taken.path, one.broken ?? '', {})
        await t.rejects(rig.restore(target, path), { code: /^dump\.(restore|damaged)$/ })
        t.ok(one.stoppedAtOnce?.(server))
        t.same(await rig.tasks(), [])
      })

    async function crafted(path: string, content: string | Buffer, change: object): Promise<string> {
      const {
        packed: _packed,
        packedSha256: _hash,
        bytes: _bytes,
        file: _file,
        ...label
      } = {
        ...(await checkDump(path, rig.context())),
        ...change,
      }
      const made = await writeDumpFile(
        `${path}-crafted`,
        (async function* () {
          yield Buffer.from(content)
        })(),
        { ...rig.context(), onProgress: () => {}, label: ({ content }) => ({ ...label, content }) },
      )
      return made.path
    }
  })
}

/** Also what can no longer be told is another answer. */
function attempt(tell: () => string): string {
  try {
    return tell()
  } catch (error) {
    return String(error)
  }
}

const readable = ({ broken }: Case) => broken ?? ''

/** A difference is shown by its first line, not by megabytes. */
function same(t: Test, now: string, before: string, what = 'the same as before'): void {
  const [a, b] = [now.split('\n'), before.split('\n')]
  const at = b.findIndex((line, index) => line !== a[index])
  if (at < 0) return void t.equal(a.length, b.length, what)
  t.equal(a[at]?.slice(0, 300), b[at]?.slice(0, 300), `${what} (line ${at + 1})`)
}
