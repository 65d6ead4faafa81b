/** The engine's half of images: look, pull, push, name, build, import. */
import type Docker from 'dockerode'
import { SummonerError } from '../errors.ts'
import type { Engine, TransferOptions } from './container.ts'
import { unlessMissing } from './engine-errors.ts'
import { jsonLines } from './streams.ts'

type Guard = <T>(doing: string, work: () => Promise<T>) => Promise<T>

export function createEngineImages(
  docker: Docker,
  guard: Guard,
): Pick<Engine, 'image' | 'pull' | 'push' | 'tag' | 'untag' | 'build' | 'importImage'> {
  return {
    image: (reference) =>
      guard(`Looking for image ${reference}`, async () => {
        const info = await unlessMissing(docker.getImage(reference).inspect())
        return (
          info && {
            id: info.Id,
            digests: info.RepoDigests ?? [],
            labels: info.Config?.Labels ?? {},
            size: info.Size,
            tags: info.RepoTags ?? [],
          }
        )
      }),

    pull: (reference, options) =>
      guard(`Pulling ${reference}`, async () => {
        const stream = await docker.pull(reference, transfer(options))
        for await (const line of transferred(stream, options))
          if (line.error) throw new SummonerError('image.unavailable', `Pulling ${reference}: ${line.error}`)
      }),

    push: (reference, options) =>
      guard(`Pushing ${reference}`, async () => {
        const [name = reference, tag = 'latest'] = partsOf(reference)
        const stream = await docker.getImage(name).push({ tag, ...transfer(options) })
        let digest = ''
        for await (const { error, aux } of transferred(stream, options)) {
          if (error) throw new SummonerError('registry.refused', `Pushing ${reference}: ${error}`)
          digest = aux?.Digest ?? digest
        }
        if (digest === '')
          throw new SummonerError('registry.refused', `Pushing ${reference}: no digest came back.`)
        return digest
      }),

    tag: (reference, as) =>
      guard(`Naming ${reference}`, async () => {
        const [repo = as, tag = 'latest'] = partsOf(as)
        await docker.getImage(reference).tag({ repo, tag })
      }),

    untag: (reference) =>
      guard(`Taking the name ${reference} away`, async () => {
        await unlessMissing(docker.getImage(reference).remove())
      }),

    build: (context, { tag, args, labels, onLine, signal }) =>
      guard(`Building ${tag}`, async () => {
        const stream = await docker.buildImage(context, {
          t: tag,
          networkmode: 'host',
          forcerm: true,
          ...(args ? { buildargs: args } : {}),
          ...(labels ? { labels } : {}),
          ...(signal ? { abortSignal: signal } : {}),
        })
        for await (const line of jsonLines<{ stream?: string; error?: string }>(stream)) {
          if (line.error) throw new SummonerError('image.build', `Building ${tag}: ${line.error}`)
          for (const text of (line.stream ?? '').split('\n')) if (text.trim()) onLine?.(text)
        }
        return (await docker.getImage(tag).inspect()).Id
      }),

    importImage: (tar, reference) =>
      guard(`Importing ${reference}`, async () => {
        const [repo = reference, tag = 'latest'] = partsOf(reference)
        const stream = await docker.importImage(tar, { repo, tag })
        for await (const line of jsonLines<{ error?: string }>(stream))
          if (line.error) throw new SummonerError('image.build', `Importing ${reference}: ${line.error}`)
      }),
  }
}

/** Name and tag; a port before a slash is no tag. */
const partsOf = (reference: string) => reference.split(/:(?=[^/]*$)/)

interface TransferLine {
  id?: string
  status?: string
  error?: string
  progressDetail?: { current?: number; total?: number }
  aux?: { Digest?: string }
}

const transfer = ({ signal, account }: TransferOptions) => ({
  ...(signal ? { abortSignal: signal } : {}),
  ...(account ? { authconfig: { username: account.user, password: account.password } } : {}),
})

/** Line by line; what all layers have together goes to `onProgress`. */
async function* transferred(
  stream: NodeJS.ReadableStream,
  { onProgress }: TransferOptions,
): AsyncGenerator<TransferLine> {
  const layers = new Map<string, { current: number; total: number }>()
  for await (const line of jsonLines<TransferLine>(stream)) {
    yield line
    if (line.id && line.progressDetail?.total)
      layers.set(`${line.id} ${line.status ?? ''}`, {
        current: line.progressDetail.current ?? 0,
        total: line.progressDetail.total,
      })
    let [done, total] = [0, 0]
    for (const layer of layers.values()) {
      done += layer.current
      total += layer.total
    }
    onProgress?.(done, total, line.status ?? '')
  }
}
