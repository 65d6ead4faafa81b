/** A template in the making: what every pass of the import reads and adds to. */
import type { TemplateDescription, TemplateImage } from '../template.ts'
import type { Findings } from './findings.ts'
import type { KnownImage } from './known-images.ts'
import type { Key, Source, SourcePlace } from './source.ts'
import type { Inputs } from './variables.ts'

export interface DraftService {
  name: string
  /** As written. */
  raw: Record<string, unknown>
  /** Key path of the service in the source. */
  keys: readonly Key[]
  /** What goes into the template's compose.yml. */
  out: Record<string, unknown>
  image?: TemplateImage
  known?: KnownImage
  /** Text of the Dockerfile when the image is built here. */
  dockerfile?: string
  environment: Record<string, string>
  /** `VIRTUAL_*` as written: they say which service faces the web. */
  proxied: Record<string, string>
  ports: Port[]
  aliases: string[]
  oneshot: boolean
}

export interface Port {
  container: number
  /** Undefined when it is only exposed inside. */
  published?: string
  protocol: string
  where: SourcePlace
}

export interface Draft {
  name: string
  source: Source
  findings: Findings
  /** Ids of the answers that were given. */
  answered: ReadonlySet<string>
  inputs: Inputs
  /** All files of the import, by path from its root. */
  files: Record<string, string>
  distros: readonly string[]
  /** Folder of the compose file inside the import; relative paths start here. */
  base: string
  services: DraftService[]
  /** Files whose text was read into the template or is secret: they stay out of it. */
  hidden: Set<string>
  /** Files that the template takes along: new path -> old path. */
  taken: Record<string, string>
  /** Named volume -> its folder. */
  folders: Map<string, string>
  data: NonNullable<TemplateDescription['data']>
  /** Top-level sections of the new compose file beside `services`. */
  sections: Record<string, Record<string, unknown>>
}

export const at = (service: DraftService, ...keys: Key[]): Key[] => [...service.keys, ...keys]

/** Lower-case folder and file names without surprises. */
export function slug(text: string): string {
  const clean = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  return clean === '' ? 'data' : clean
}
