/** May the files of a set lie under the containers that would run over them now? Pure. */
import type { Template } from '../templates/template.ts'
import type { Manifest } from './manifest.ts'

/** Engines whose files a newer release of the same first number reads as they are. */
const BY_FIRST_NUMBER = new Set(['postgres', 'postgresql', 'redis', 'valkey'])

interface NowInput {
  template: Template
  /** service -> image reference as it would be brought up. */
  images: Readonly<Record<string, string>>
}

/** Undefined when it fits; else a sentence. Only databases are judged: an application migrates its own files. */
export function engineProblem(manifest: Manifest, { template, images }: NowInput): string | undefined {
  for (const { service, kind } of template.description.data ?? []) {
    if (kind !== 'database') continue
    const before = manifest.images.services.find((image) => image.service === service)?.reference
    const now = images[service]
    if (before === undefined || now === undefined) continue
    const dump = template.description.dumps?.find((dump) => dump.service === service)
    const engine = dump?.engine ?? service
    const [old, current] = [seriesOf(before, engine), seriesOf(now, engine)]
    if (old !== undefined && current !== undefined && old !== current)
      return `${manifest.set} holds files of ${engine} ${old}, and ${service} would run ${engine} ${current} now.`
  }
  return undefined
}

/** `mariadb:11.8.8` and `summoner/wp-mariadb:11.8-478e8754a9dd` are both 11.8. */
export function seriesOf(reference: string, engine: string): string | undefined {
  const tag = /:([^:/@]+)(?:@.*)?$/.exec(reference)?.[1] ?? ''
  const numbers = /^v?(\d+)(?:\.(\d+))?/.exec(tag)
  if (!numbers) return undefined
  const [, first, second] = numbers
  return BY_FIRST_NUMBER.has(engine) || second === undefined ? first : `${first}.${second}`
}
