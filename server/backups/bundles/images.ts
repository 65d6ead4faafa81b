/**
 * The images of a bundle: what `docker save` wrote, in one file beside the repository. Who wrote it is not known when it
 * comes back: an image is taken only when the set's own manifest names it by its id, which is the SHA-256 of its
 * configuration, and the engine compares every layer with what that says. The names in the file are not believed.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { extract, pack, type Header } from 'tar-stream'
import { SummonerError } from '../../errors.ts'
import type { Manifest } from '../manifest.ts'
import type { BundleDeps } from './deps.ts'

export const IMAGES = 'images'
const LIST = 'manifest.json'
const TEXT_LIMIT = 4 * 1024 * 1024

type Service = Manifest['images']['services'][number]
type ImageDeps = Pick<BundleDeps, 'engine' | 'streams'>

interface Saved {
  Config: string
  Layers: string[]
}

/** Every image of a set into `folder`, as one file that is named by its SHA-256. */
export async function saveImages(
  services: readonly Service[],
  folder: string,
  { engine, streams }: ImageDeps,
  options: { signal: AbortSignal; onProgress(bytes: number): void },
): Promise<void> {
  const ids = [...new Set(services.map(({ id }) => id))]
  for (const { id, reference } of services)
    if (id === '' || !(await engine.image(id)))
      throw new SummonerError(
        'image.unavailable',
        `The image ${reference} of this set is not here any more.`,
        {
          hint: 'Pack a set of now, or leave the images out.',
        },
      )
  await rm(join(folder, IMAGES), { recursive: true, force: true })
  await mkdir(join(folder, IMAGES), { recursive: true, mode: 0o700 })
  const partial = join(folder, IMAGES, 'partial')
  const hash = createHash('sha256')
  let bytes = 0
  const read = streams.read(['docker', 'save', ...ids], { signal: options.signal })
  const hashed = async function* () {
    for await (const chunk of read) {
      hash.update(chunk)
      options.onProgress((bytes += chunk.length))
      yield chunk
    }
  }
  await pipeline(hashed, createWriteStream(partial, { mode: 0o600, flush: true }))
  await readImages(partial, services)
  await rename(partial, join(folder, IMAGES, hash.digest('hex')))
}

/** The file of a bundle that was unpacked into `folder`; undefined where it carries no images. */
export async function imagesIn(folder: string): Promise<string | undefined> {
  const names = await readdir(join(folder, IMAGES)).catch(() => [])
  return names[0] === undefined ? undefined : join(folder, IMAGES, names[0])
}

/** Ids of the images in the file; refused where one of them is not the set's, or not what its id says. */
export async function readImages(file: string, services: readonly Service[]): Promise<Set<string>> {
  const sums = new Map<string, string>()
  let list: Saved[] | undefined
  await walk(file, async ({ name, type, size }, content) => {
    if (!['file', 'directory', 'symlink', 'link'].includes(type))
      throw foreign(`${JSON.stringify(name.slice(0, 100))} is a ${type}`)
    if (type !== 'file' || size > TEXT_LIMIT) return
    const text = await all(content)
    sums.set(name, `sha256:${createHash('sha256').update(text).digest('hex')}`)
    if (name === LIST) list = listOf(text)
  })
  if (!list) throw foreign('it does not list its images')
  const wanted = new Set(services.map(({ id }) => id))
  const found = new Set<string>()
  for (const { Config } of list) {
    const id = sums.get(Config)
    if (id === undefined || !wanted.has(id))
      throw foreign(`it holds an image that the set does not name (${Config})`)
    found.add(id)
  }
  return found
}

/** Images that are not here come in; a name that means another image here goes on to mean that one. */
export async function loadImages(
  file: string,
  services: readonly Service[],
  { engine, streams }: ImageDeps,
  { signal, log }: { signal: AbortSignal; log(line: string): void },
): Promise<void> {
  const found = await readImages(file, services)
  const missing = [...found].filter((id) => services.some((service) => service.id === id))
  const absent = (await Promise.all(missing.map(async (id) => ((await engine.image(id)) ? [] : [id])))).flat()
  if (absent.length > 0) await streams.feed(['docker', 'load', '--quiet'], withoutNames(file), { signal })
  for (const { id, reference } of services) {
    if (!found.has(id)) continue
    const here = await engine.image(reference)
    if (here?.id === id) continue
    if (here) log(`${reference} is another image on this server, which stays.`)
    else {
      await engine.tag(id, reference)
      log(`${reference} came with the bundle.`)
    }
  }
}

/** The same file, whose images have no names: a stranger's may be that of an image of this server. */
async function* withoutNames(file: string): AsyncGenerator<Uint8Array> {
  const out = pack()
  const filled = walk(file, async (header, content) => {
    if (header.name === 'repositories') return
    const nameless = header.name === LIST ? unnamed : header.name === 'index.json' ? unlabelled : undefined
    if (nameless) {
      const text = nameless(await all(content))
      out.entry({ ...header, size: Buffer.byteLength(text) }, text)
      return
    }
    const { name, mode, mtime, type, linkname, size } = header
    const plain = {
      name,
      mode,
      mtime,
      type,
      linkname,
      size: type === 'file' ? size : 0,
    }
    const entry = out.entry(plain)
    if (type === 'file') await pipeline(content, entry)
    else entry.end(null)
  }).then(
    () => out.finalize(),
    (error: Error) => out.destroy(error),
  )
  yield* out as AsyncIterable<Uint8Array>
  await filled
}

const listOf = (text: Buffer): Saved[] => {
  const value = parsed(text)
  const fits = (one: unknown): one is Saved => {
    const { Config, Layers } = (one ?? {}) as Partial<Saved>
    return (
      typeof Config === 'string' && Array.isArray(Layers) && Layers.every((name) => typeof name === 'string')
    )
  }
  if (!Array.isArray(value) || !value.every(fits)) throw foreign('its list of images cannot be read')
  return value
}
const unnamed = (text: Buffer) =>
  JSON.stringify(listOf(text).map(({ Config, Layers }) => ({ Config, RepoTags: null, Layers })))

/** How newer engines name images, beside the list. */
function unlabelled(text: Buffer): string {
  const index = parsed(text) as { manifests?: { annotations?: unknown }[] }
  for (const one of index.manifests ?? []) delete one.annotations
  return JSON.stringify(index)
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'))
  } catch {
    throw foreign('a document in it cannot be read')
  }
}

async function walk(
  file: string,
  visit: (header: Header, content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const tar = extract()
  const source = createReadStream(file)
  const streams = pipeline(source, tar).catch((error: unknown) => error)
  try {
    for await (const entry of tar) {
      await visit(entry.header, entry as AsyncIterable<Buffer>)
      entry.resume()
    }
  } catch (error) {
    source.destroy()
    if (error instanceof SummonerError) throw error
    throw foreign(String(((await streams) as Error | undefined)?.message ?? error))
  }
}

async function all(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const foreign = (why: string) =>
  new SummonerError('bundle.foreign', `The images of the bundle are not to be taken: ${why}.`)
