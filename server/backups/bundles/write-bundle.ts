/** Packs a repository of one set into one file, written beside its name and renamed when it is whole. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { syncFolder } from '../../config/write-file.ts'
import { IMAGES } from './images.ts'
import { CONFIG, HEADER, sumOf, type Bundle } from './bundle.ts'

interface WriteOptions {
  signal: AbortSignal
  onProgress(done: number, total: number): void
}

/** `folder` holds `repository/`. Returns the size in bytes; nothing is left of a bundle that failed. */
export async function writeBundle(
  file: string,
  folder: string,
  about: Omit<Bundle, 'config' | 'pieces' | 'bytes'>,
  { signal, onProgress }: WriteOptions,
): Promise<number> {
  const config = createHash('sha256')
  for await (const chunk of createReadStream(join(folder, CONFIG))) config.update(chunk as Buffer)
  const header = { ...about, config: config.digest('hex') }
  const pieces = await piecesOf(folder, header)
  const bytes = pieces.reduce((sum, { size }) => sum + size, 0)

  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const partial = `${file}.tmp`
  const { TarArchive } = await import('archiver')
  const archive = new TarArchive({})
  archive.on('progress', ({ fs }: { fs: { processedBytes: number } }) => onProgress(fs.processedBytes, bytes))
  // restic has compressed and encrypted what is inside: harder work would find nothing
  const zstd = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  })
  try {
    const written = pipeline(archive, zstd, createWriteStream(partial, { mode: 0o600, flush: true }), {
      signal,
    })
    const filled = (async () => {
      archive.append(JSON.stringify({ ...header, pieces: pieces.length, bytes } satisfies Bundle), {
        name: HEADER,
        mode: 0o600,
      })
      for (const { name } of pieces) archive.file(join(folder, name), { name, mode: 0o600 })
      await archive.finalize()
    })()
    await Promise.all([written, filled])
    await rename(partial, file)
    syncFolder(dirname(file))
    return (await stat(file)).size
  } catch (error) {
    archive.abort()
    await rm(partial, { force: true })
    throw error
  }
}

async function piecesOf(
  folder: string,
  header: { config: string },
): Promise<{ name: string; size: number }[]> {
  const below = (name: string) =>
    readdir(join(folder, name), { recursive: true, withFileTypes: true }).catch(() => [])
  const names = [...(await below('repository')), ...(await below(IMAGES))]
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => sumOf(name, header) !== undefined)
    .sort()
  return Promise.all(names.map(async (name) => ({ name, size: (await stat(join(folder, name))).size })))
}
