/** SQLite: a copy by SQLite's own online backup, read page by page while the application writes; checked before it is kept. */
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, chown, lstat, realpath, rename, rm } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Database } from 'better-sqlite3'
import { syncFolder } from '../../config/write-file.ts'
import { SummonerError } from '../../errors.ts'
import { shellWord, type Dumper, type Target } from './dumper.ts'

const HEADER = 'SQLite format 3\0'
const PAGES_AT_ONCE = 2000
const BESIDE = ['-wal', '-shm', '-journal']

export const sqlite: Dumper = {
  extension: 'sqlite',
  servedByItself: true,

  version: async () => {
    const db = await openFile(':memory:')
    try {
      return `SQLite ${db.prepare('SELECT sqlite_version()').pluck().get() as string}`
    } finally {
      db.close()
    }
  },

  async *dump(session) {
    const source = await openFile(await fileOf(session.target), { readonly: true, fileMustExist: true })
    const copy = await session.scratch()
    try {
      await source.backup(copy, {
        progress: () => {
          session.signal.throwIfAborted()
          return PAGES_AT_ONCE
        },
      })
    } finally {
      source.close()
    }
    await refuseUnsound(copy)
    for await (const chunk of createReadStream(copy, { highWaterMark: 256 * 1024 })) yield chunk as Buffer
  },

  incomplete: ({ head }) =>
    head.subarray(0, HEADER.length).toString('latin1') === HEADER
      ? undefined
      : 'it does not begin as a SQLite file does',

  /** Written beside the file and renamed over it: the old database or the new one, never a mix. */
  async restore(session, content) {
    const file = await fileOf(session.target)
    const before = await lstat(file)
    const partial = `${file}.summoner.tmp`
    try {
      await rm(partial, { force: true })
      await pipeline(content, createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }))
      await refuseUnsound(partial)
      await chown(partial, before.uid, before.gid)
      await chmod(partial, before.mode & 0o7777)
      await foldIn(file)
      for (const end of BESIDE) await rm(`${file}${end}`, { force: true })
      await rename(partial, file)
      syncFolder(dirname(file))
    } finally {
      await rm(partial, { force: true })
    }
  },

  byHand({ database, container }, file) {
    const name = shellWord(container.name)
    const rest = BESIDE.map((end) => shellWord(`${database}${end}`)).join(' ')
    return `docker stop ${name} && rm -f ${rest} && zstd -dc ${shellWord(file)} > ${shellWord(database)} && docker start ${name}`
  },
}

/** The application owns the folder: a link in it must not lead the daemon to another minion's files. */
async function fileOf({ database, folders, minion }: Target): Promise<string> {
  const file = await realpath(database).catch(() => undefined)
  if (file === undefined)
    throw new SummonerError('dump.failed', `${minion} has no database file at ${database}.`)
  const inside = folders.some((folder) => file.startsWith(folder + sep))
  if (!inside || !(await lstat(file)).isFile())
    throw new SummonerError('dump.failed', `${database} leads out of the folders of ${minion}.`)
  return file
}

async function openFile(
  file: string,
  options: { readonly?: boolean; fileMustExist?: boolean } = {},
): Promise<Database> {
  const { default: Sqlite } = await import('better-sqlite3')
  const db = new Sqlite(file, { ...options, timeout: 30_000 })
  db.pragma('trusted_schema = OFF')
  return db
}

async function refuseUnsound(file: string): Promise<void> {
  const said = await judgement(file)
  if (said !== 'ok') throw new SummonerError('dump.damaged', `SQLite finds the file unsound: ${said}`)
}

async function judgement(file: string): Promise<string> {
  try {
    const db = await openFile(file, { readonly: true, fileMustExist: true })
    try {
      return String(db.pragma('integrity_check(1)', { simple: true }))
    } finally {
      db.close()
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** What the write-ahead log holds goes into the file first: a crash from here on leaves the old database whole. */
async function foldIn(file: string): Promise<void> {
  try {
    const db = await openFile(file)
    db.pragma('wal_checkpoint(TRUNCATE)')
    db.close()
  } catch {
    // damaged: that may be why it is restored
  }
}
