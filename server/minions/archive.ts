/** One tar.gz of a few folders, written beside its name and renamed when it is whole. */
import { createWriteStream, type Stats } from 'node:fs'
import { lstat, mkdir, open, readdir, readlink, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
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
      if (stats.isFile()) archive.file(path, entry)
      else if (stats.isDirectory()) archive.append(Buffer.alloc(0), { ...entry, type: 'directory' })
      else if (stats.isSymbolicLink()) {
        const link = { ...entry, type: 'symlink' as const, linkname: await readlink(path) }
        archive.append(Buffer.alloc(0), link)
      }
    }
  await archive.finalize()
}

async function* walk(
  path: string,
  name: string,
): AsyncGenerator<{ path: string; name: string; stats: Stats }> {
  const stats = await lstat(path)
  yield { path, name, stats }
  if (!stats.isDirectory()) return
  for (const entry of (await readdir(path)).sort()) yield* walk(join(path, entry), `${name}/${entry}`)
}
