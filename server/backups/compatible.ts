/** May the files of a set lie under the containers that would run over them now? Pure. */
import { seriesOf } from '../templates/series.ts'
import type { Template } from '../templates/template.ts'
import type { Manifest } from './manifest.ts'

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
