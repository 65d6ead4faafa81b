/** One tar.gz of a few folders, written beside its name and renamed when it is whole. */
import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'

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
    for (const { path, name } of folders) archive.directory(path, name)
    const written = pipeline(archive, createWriteStream(partial, { mode: 0o600 }), { signal })
    await Promise.all([archive.finalize(), written])
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
