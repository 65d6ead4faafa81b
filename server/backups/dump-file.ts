/**
 * The file of a dump: one zstd frame with the export, closed by a skippable frame that says what it is. `zstd -dc`
 * reads it as it lies; a file that is cut, changed in one bit or not from here is told apart before anything is done.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { syncFolder } from '../config/write-file.ts'
import { SummonerError } from '../errors.ts'
import { DumpLabelSchema, type DumpLabel, type DumpRecord, type TakenDump } from './dump.ts'

const MAGIC = Buffer.from('SUMDUMP1', 'latin1')
const SKIPPABLE = 0x184d2a5d
const HASH_BYTES = 32
/** After the label: its hash, its length, the mark. */
const FOOT = HASH_BYTES + 4 + MAGIC.length
const MAX_LABEL = 16 * 1024
const EDGE = 4096
const CHUNK = 256 * 1024

/** The first and last bytes of an export, by which its completeness is judged. */
export interface Edges {
  head: Buffer
  tail: Buffer
}

export interface Written extends Edges {
  content: number
}

interface WriteOptions {
  signal: AbortSignal
  onProgress(content: number): void
  /** Judges the whole export before the file gets its name; throws to refuse it. */
  label(written: Written): Omit<DumpLabel, 'packed' | 'packedSha256'>
}

/** `.tmp`, fsync, rename, fsync of the folder; nothing is left of a file that failed. */
export async function writeDumpFile(
  file: string,
  source: AsyncIterable<Buffer>,
  options: WriteOptions,
): Promise<TakenDump> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const partial = `${file}.tmp`
  const hash = createHash('sha256')
  const seen = watcher(options.onProgress)
  let packed = 0
  let bytes = 0
  let label: DumpLabel | undefined
  try {
    await pipeline(
      seen.through(source),
      createZstdCompress({
        chunkSize: CHUNK,
        params: { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_compressionLevel]: 3 },
      }),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk)
          packed += chunk.length
          yield chunk
        }
        const packedSha256 = hash.copy().digest('hex')
        label = { ...options.label(seen.written()), packed, packedSha256 }
        const end = closing(label)
        hash.update(end)
        bytes = packed + end.length
        yield end
      },
      createWriteStream(partial, { flags: 'w', mode: 0o600, flush: true }),
      { signal: options.signal },
    )
    if (!label) throw new SummonerError('internal', 'A dump ended without a label.')
    await rename(partial, file)
    syncFolder(dirname(file))
    return { ...label, file: basename(file), path: file, bytes, sha256: hash.digest('hex') }
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

/** What the file says of itself; `dump.damaged` for what was never closed, `dump.foreign` for another kind of file. */
export async function readLabel(file: string): Promise<DumpRecord> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    const foot = await bytesAt(handle, Math.max(0, size - FOOT), FOOT)
    if (foot.length < FOOT || !foot.subarray(-MAGIC.length).equals(MAGIC)) throw await notOurs(handle, file)
    const length = foot.readUInt32LE(HASH_BYTES)
    const start = size - FOOT - length - 8
    if (length > MAX_LABEL || start < 0) throw damaged(file, 'its label has an impossible length')
    const header = await bytesAt(handle, start, 8)
    const text = await bytesAt(handle, start + 8, length)
    const expected = createHash('sha256').update(text).digest()
    if (
      header.readUInt32LE(0) !== SKIPPABLE ||
      header.readUInt32LE(4) !== length + FOOT ||
      !expected.equals(foot.subarray(0, HASH_BYTES))
    )
      throw damaged(file, 'its label was changed')
    const label: unknown = JSON.parse(text.toString('utf8'))
    const { Check } = await import('typebox/value')
    if (!Check(DumpLabelSchema, label) || label.packed !== start)
      throw damaged(file, 'its label does not fit it')
    return { ...label, file: basename(file), bytes: size }
  } finally {
    await handle.close()
  }
}

/** Reads every byte: the hash, the compression's own checksum, the lengths. Returns the edges of the export. */
export async function checkDumpFile(
  file: string,
  record: DumpRecord,
  options: { signal: AbortSignal; onProgress(content: number): void },
): Promise<Edges> {
  const hash = createHash('sha256')
  for await (const chunk of packedBytes(file, record)) {
    options.signal.throwIfAborted()
    hash.update(chunk)
  }
  if (hash.digest('hex') !== record.packedSha256)
    throw damaged(file, 'its SHA-256 is not the one it was written with')
  const seen = watcher(options.onProgress)
  for await (const chunk of seen.through(contentOf(file, record))) {
    options.signal.throwIfAborted()
    void chunk
  }
  const { content, ...edges } = seen.written()
  if (content !== record.content)
    throw damaged(file, `it holds ${content} bytes where ${record.content} were written`)
  return edges
}

/** The export as it was, piece by piece. */
export async function* contentOf(file: string, record: DumpRecord): AsyncGenerator<Buffer> {
  const packed = packedBytes(file, record)
  const unpack = createZstdDecompress({ chunkSize: CHUNK })
  packed.on('error', (error) => unpack.destroy(error))
  try {
    for await (const chunk of packed.pipe(unpack)) yield chunk as Buffer
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw code.startsWith('ZSTD_') || code === 'Z_BUF_ERROR' ? damaged(file, 'it cannot be unpacked') : error
  } finally {
    packed.destroy()
    unpack.destroy()
  }
}

const packedBytes = (file: string, { packed }: DumpRecord) =>
  createReadStream(file, { end: Math.max(0, packed - 1), highWaterMark: CHUNK })

function watcher(onProgress: (content: number) => void) {
  let content = 0
  let head: Buffer = Buffer.alloc(0)
  let tail: Buffer = Buffer.alloc(0)
  return {
    async *through(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        if (head.length < EDGE) head = Buffer.concat([head, chunk.subarray(0, EDGE - head.length)])
        tail =
          chunk.length >= EDGE
            ? Buffer.from(chunk.subarray(-EDGE))
            : Buffer.concat([tail.subarray(Math.max(0, tail.length + chunk.length - EDGE)), chunk])
        content += chunk.length
        onProgress(content)
        yield chunk
      }
    },
    written: (): Written => ({ content, head, tail }),
  }
}

function closing(label: DumpLabel): Buffer {
  const text = Buffer.from(JSON.stringify(label))
  const frame = Buffer.alloc(8)
  frame.writeUInt32LE(SKIPPABLE, 0)
  frame.writeUInt32LE(text.length + FOOT, 4)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length, 0)
  return Buffer.concat([frame, text, createHash('sha256').update(text).digest(), length, MAGIC])
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

/** A dump of ours begins like any zstd file; one without its closing frame was cut, or somebody else made it. */
async function notOurs(handle: FileHandle, file: string): Promise<SummonerError> {
  const begin = await bytesAt(handle, 0, 4)
  if (begin.length === 4 && begin.readUInt32LE(0) === 0xfd2fb528)
    return damaged(file, 'its end is missing, or it was not written by Summoner')
  return new SummonerError('dump.foreign', `${basename(file)} is not a dump that Summoner wrote.`)
}

function damaged(file: string, why: string): SummonerError {
  return new SummonerError('dump.damaged', `${basename(file)} is damaged: ${why}.`)
}
