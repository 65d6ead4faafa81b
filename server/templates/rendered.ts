/** The output of `render`: everything one minion consists of, before anything touches the host. */
import type { Application } from '../config/config.ts'
import type { SharedDatabase } from './shared-database.ts'
import type { Template, TemplateWeb } from './template.ts'

/** Facts of one instance that are decided once and kept beside its `.env` (`instance.json`); apply never flips them. */
export interface Instance {
  template: string
  revision: number
  images: 'registry' | 'distro'
  /** network key of the compose file (`default` included) -> CIDR of our pool, e.g. `10.213.0.16/28`. */
  subnets: Record<string, string>
  createdAt: string
}

export interface RenderInput {
  application: Application
  template: Template
  instance: Instance
  /** Key -> value of the kept `.env`; empty at the first summon. Generated secrets are taken from here first. */
  kept: Record<string, string>
  box: {
    id: string
    domain: string
    email: string
    vsroot: string
    dbsroot: string
    projectPrefix: string
    /** Data folder of the box as `${BOX_DATA}`: only the nginx template uses it. */
    dataDir: string
    httpPort: number
    httpsPort: number
    scheme: 'http' | 'https'
    /** Cores of this machine: the engine refuses a limit above them. */
    cpus?: number
  }
  /** Source of fresh secrets: `length` characters of the alphabet. */
  random(length: number, alphabet: 'alphanumeric' | 'hex' | 'base64'): string
}

export interface RenderedService {
  service: string
  containerName: string
  image: string
  oneshot: boolean
  hasHealthcheck: boolean
  /** Fixed address on our subnet, for services of `web`; undefined with host networking. */
  address?: string
}

export interface RenderedWeb extends Required<Pick<TemplateWeb, 'service' | 'port'>> {
  host: string
  /** `address:port` nginx connects to. */
  upstream: string
  options: TemplateWeb
  /** further locations of the same host. */
  paths: { path: string; upstream: string }[]
}

export interface Rendered {
  minion: string
  project: string
  host: string
  url: string
  /** `compose.override.yml` and `.env`, beside the verbatim copy of the template folder. */
  override: string
  dotenv: string
  env: Record<string, string>
  /** Names of `env` whose values are secrets (masked in API answers, redacted in logs). */
  secrets: string[]
  services: RenderedService[]
  web: RenderedWeb[]
  /** Host folders to create before `up`, with owner and mode. */
  folders: { path: string; owner?: string; mode?: string }[]
  /** What `images/` must provide. `build` is set for distribution builds. */
  images: { service: string; reference: string; build?: { context: string; version: string } }[]
  /** sha256 over exactly what compose consumes (template folder, override without its own hash label, .env). */
  hash: string
  admin?: { user: string; passwordEnv: string; url: string }
  /** Its place on a shared server; absent where the database is its own. */
  database?: SharedDatabase
}

/** `render(input)` is pure and throws `render.*`, `template.*` or `host.invalid`; a throw leaves nothing behind. */
export type Render = (input: RenderInput) => Rendered
