/** The tools that Summoner can register itself in. */
import type { SourceTypeName } from '../sources/source.ts'
import { forge } from './forge.ts'
import { ghost } from './ghost.ts'
import { gitlab } from './gitlab.ts'
import { mattermost } from './mattermost.ts'
import { nextcloud } from './nextcloud.ts'
import { sonarqube } from './sonarqube.ts'
import type { Tool } from './tool.ts'
import { wordpress } from './wordpress.ts'

export interface Registration {
  url: string
  /** What every address of this source begins with: hooks of an earlier registration are known by it. */
  base: string
  /** Empty where the tool makes up its own. */
  secret: string
  /** Address of the minion itself. */
  site: string
  /** Values of its `.env`. */
  kept: Readonly<Record<string, string>>
  /** A password for as long as the registration takes. */
  passing: string
}

export interface Registered {
  /** What the tool will prove itself with, where it makes that up. */
  secrets?: string[]
  /** What somebody must know of it. */
  note?: string
}

export interface Connector {
  service: string
  /** It refuses private addresses, so that the hooks must have a public one. */
  outside?: true
  /** A second run replaces what the first has made; new ones first, so that nothing is missed meanwhile. */
  register(registration: Registration, tool: Tool): Promise<Registered>
}

export const connectors: Partial<Record<SourceTypeName, Connector>> = {
  forgejo: forge('forgejo'),
  ghost,
  gitea: forge('gitea'),
  gitlab,
  mattermost,
  nextcloud,
  sonarqube,
  wordpress,
}
