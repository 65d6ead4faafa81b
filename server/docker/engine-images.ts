/** The engine's half of images: look, pull, build, import. */
import type Docker from 'dockerode'
import { SummonerError } from '../errors.ts'
import type { Engine } from './container.ts'
import { unlessMissing } from './engine-errors.ts'
import { jsonLines } from './streams.ts'

type Guard = <T>(doing: string, work: () => Promise<T>) => Promise<T>

export function createEngineImages(
  docker: Docker,
  guard: Guard,
): Pick<Engine, 'image' | 'pull' | 'build' | 'importImage'> {
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
          }
        )
      }),

    pull: (reference, { onProgress, signal }) =>
      guard(`Pulling ${reference}`, async () => {
        const stream = await docker.pull(reference, signal ? { abortSignal: signal } : {})
        const layers = new Map<string, { current: number; total: number }>()
        for await (const line of jsonLines<PullLine>(stream)) {
          if (line.error) throw new SummonerError('image.unavailable', `Pulling ${reference}: ${line.error}`)
          if (line.id && line.progressDetail?.total)
            layers.set(`${line.id} ${line.status ?? ''}`, {
              current: line.progressDetail.current ?? 0,
              total: line.progressDetail.total,
            })
          const sums = [...layers.values()].reduce(
            (sum, layer) => [sum[0] + layer.current, sum[1] + layer.total] as [number, number],
            [0, 0] as [number, number],
          )
          onProgress?.(sums[0], sums[1], line.status ?? '')
        }
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
        const [repo, tag = 'latest'] = reference.split(/:(?=[^/]*$)/)
        const stream = await docker.importImage(tar, { repo: repo ?? reference, tag })
        for await (const line of jsonLines<{ error?: string }>(stream))
          if (line.error) throw new SummonerError('image.build', `Importing ${reference}: ${line.error}`)
      }),
  }
}

interface PullLine {
  id?: string
  status?: string
  error?: string
  progressDetail?: { current?: number; total?: number }
}
