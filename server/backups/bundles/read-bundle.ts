/**
 * Reads a bundle from end to end, whoever wrote it: plain files of the names that a repository has, each with the bytes
 * that its name promises, and nothing else. Nothing is written unless `keep` is given, and then only below it.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { extract, type Extract } from 'tar-stream'
import { asSummonerError, SummonerError } from '../../errors.ts'
import { HEADER, HEADER_LIMIT, readHeader, sumOf, type Bundle } from './bundle.ts'

type Entry = Extract extends AsyncIterable<infer One> ? One : never

export interface ReadOptions {
  /** Folder that the repository is unpacked into. */
  keep?: string
  /** Most bytes that it may have unpacked. */
  limit: number
  signal?: AbortSignal
  onProgress?: (done: number, total: number) => void
}

export async function readBundle(
  file: string,
  { keep, limit, signal, onProgress }: ReadOptions,
): Promise<Bundle> {
  const tar = extract()
  const source = createReadStream(file)
  const streams = pipeline(source, createZstdDecompress(), tar, ...(signal ? [{ signal }] : []))
  const read = async (): Promise<Bundle> => {
    let bundle: Bundle | undefined
    let pieces = 0
    let bytes = 0
    const seen = new Set<string>()
    for await (const entry of tar) {
      const { name, type, size } = entry.header
      if (!bundle) {
        bundle = await headerOf(entry)
        if (bundle.bytes > limit) throw tooLarge(bundle.bytes, limit)
        continue
      }
      if (type !== 'file') throw foreign(`${printable(name)} is a ${type ?? 'thing of no kind'}, not a file`)
      const sum = sumOf(name, bundle)
      if (sum === undefined || seen.has(name)) throw foreign(`${printable(name)} does not belong into one`)
      seen.add(name)
      pieces++
      bytes += size
      if (bytes > bundle.bytes || pieces > bundle.pieces) throw foreign('it holds more than it says')
      if ((await copy(entry, keep && join(keep, name))) !== sum) throw damaged(`${name} is not what it was`)
      onProgress?.(bytes, bundle.bytes)
    }
    if (!bundle) throw foreign('it is empty')
    if (bytes !== bundle.bytes || pieces !== bundle.pieces)
      throw damaged(`${pieces} of ${bundle.pieces} pieces are there`)
    return bundle
  }
  // whichever fails first has the reason; the other only hears that it is over
  const [ended, found] = await Promise.allSettled([
    streams,
    read().catch((error: unknown) => {
      source.destroy()
      tar.destroy()
      throw error
    }),
  ])
  signal?.throwIfAborted()
  if (found.status === 'rejected' && found.reason instanceof SummonerError) throw found.reason
  if (ended.status === 'rejected') throw translated(ended.reason)
  if (found.status === 'rejected') throw translated(found.reason)
  return found.value
}

/** Only what stands first in it. */
export async function peekBundle(file: string): Promise<Bundle> {
  const tar = extract()
  const source = createReadStream(file)
  const streams = pipeline(source, createZstdDecompress(), tar).catch((error: unknown) => error)
  try {
    for await (const entry of tar) return await headerOf(entry)
    throw foreign('it is empty')
  } catch (error) {
    if (error instanceof SummonerError) throw error
    throw translated((await streams) ?? error)
  } finally {
    source.destroy()
  }
}

async function headerOf(entry: Entry): Promise<Bundle> {
  const { name, type, size } = entry.header
  if (name !== HEADER || type !== 'file' || size > HEADER_LIMIT)
    throw foreign(`it does not begin with ${HEADER}`)
  return readHeader(await textOf(entry))
}

/** The SHA-256 of an entry, whose bytes go to a file where one is named. */
async function copy(entry: Entry, to: string | undefined): Promise<string> {
  const hash = createHash('sha256')
  if (to !== undefined) mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  const target =
    to === undefined
      ? new Writable({ write: (_chunk, _encoding, done) => done() })
      : createWriteStream(to, { flags: 'wx', mode: 0o600, flush: true })
  const chunks = async function* () {
    for await (const chunk of entry) {
      hash.update(chunk as Buffer)
      yield chunk as Buffer
    }
  }
  await pipeline(chunks, target)
  return hash.digest('hex')
}

async function textOf(entry: Entry): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of entry) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const foreign = (why: string) => new SummonerError('bundle.foreign', `The file is not a bundle: ${why}.`)
const damaged = (why: string) => new SummonerError('bundle.damaged', `The bundle is damaged: ${why}.`)
const tooLarge = (bytes: number, limit: number) =>
  new SummonerError(
    'disk.full',
    `The bundle unpacks to ${Math.ceil(bytes / 2 ** 20)} MiB, and there is room for ${Math.max(0, Math.floor(limit / 2 ** 20))} MiB.`,
  )
const printable = (name: string) => JSON.stringify(name.slice(0, 100))

/** Of zlib and of tar: what they cannot read is no bundle any more. Of the disk: as it is. */
function translated(error: unknown): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'ZSTD_error_prefix_unknown') return foreign('it is not compressed by zstd')
  if (/^E[A-Z]+$/.test(code)) return asSummonerError(error)
  return damaged(message)
}
