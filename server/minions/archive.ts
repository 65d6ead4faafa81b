/** One tar.gz of a few folders, written beside its name and renamed when it is whole. */
import { isUtf8 } from 'node:buffer'
import { createReadStream, createWriteStream, type Stats } from 'node:fs'
import { lstat, mkdir, open, readdir, readlink, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { TarArchive } from 'archiver'

interface ArchiveOptions {
  signal: AbortSignal
  onProgress(done: number, total: number): void
}

/** Returns the size in bytes. Nothing is left of an archive that failed. */
export async function writeArchive(
  file: string,
  folders: readonly { path: string; name: string }[],
  { signal, onProgress }: ArchiveOptions,
): Promise<number> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const partial = `${file}.tmp`
  const { TarArchive } = await import('archiver')
  const archive = new TarArchive({ gzip: true, gzipOptions: { level: 1 } })
  archive.on('progress', ({ entries }: { entries: { processed: number; total: number } }) =>
    onProgress(entries.processed, entries.total),
  )
  try {
    const written = pipeline(archive, createWriteStream(partial, { mode: 0o600 }), { signal })
    await Promise.all([fill(archive, folders, signal), written])
    const handle = await open(partial, 'r')
    await handle.sync()
    await handle.close()
    await rename(partial, file)
    return (await stat(file)).size
  } catch (error) {
    archive.abort()
    await rm(partial, { force: true })
    throw error
  }
}

/**
 * Entry by entry with its owner, links as they are and never followed. Sockets and pipes are left out: nothing reads them
 * to an end, and whoever needs one makes it again.
 */
async function fill(
  archive: TarArchive,
  folders: readonly { path: string; name: string }[],
  signal: AbortSignal,
): Promise<void> {
  for (const folder of folders)
    for await (const { path, name, stats } of walk(folder.path, folder.name)) {
      signal.throwIfAborted()
      const { uid, gid, mode, mtime: date } = stats
      const entry = { name, uid, gid, mode, date, stats }
      if (stats.isFile() && typeof path === 'string') archive.file(path, entry)
      // archiver opens files when it comes to them, by names that are text
      else if (stats.isFile()) archive.append(lazily(path), entry)
      else if (stats.isDirectory()) archive.append(Buffer.alloc(0), { ...entry, type: 'directory' })
      else if (stats.isSymbolicLink()) {
        const link = { ...entry, type: 'symlink' as const, linkname: await readlink(path, 'utf8') }
        archive.append(Buffer.alloc(0), link)
      }
    }
  await archive.finalize()
}

/** A name that is not UTF-8 is kept byte by byte, as Latin-1: nothing is lost, and `tar` says it as well as it can. */
async function* walk(
  path: string | Buffer,
  name: string,
): AsyncGenerator<{ path: string | Buffer; name: string; stats: Stats }> {
  const stats = await lstat(path)
  yield { path, name, stats }
  if (!stats.isDirectory()) return
  const entries = (await readdir(path, { encoding: 'buffer' })).sort((a, b) => a.compare(b))
  for (const entry of entries)
    if (typeof path === 'string' && isUtf8(entry))
      yield* walk(join(path, entry.toString()), `${name}/${entry.toString()}`)
    else
      yield* walk(
        Buffer.concat([Buffer.from(path), Buffer.from('/'), entry]),
        `${name}/${entry.toString(isUtf8(entry) ? 'utf8' : 'latin1')}`,
      )
}

/** Opened when it is first read: ten thousand files are not open at once. */
const lazily = (path: string | Buffer): Readable =>
  Readable.from(
    (async function* () {
      yield* createReadStream(path)
    })(),
    { objectMode: false },
  )
