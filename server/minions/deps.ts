/** What the verbs of this room are given by `app.ts`: other rooms' verbs and the adapters, nothing else. */
import type { Certificates } from '../certificates/certificate.ts'
import type { Keeper } from '../certificates/keep.ts'
import type { ConfigFile } from '../config/config-file.ts'
import type { Directories } from '../config/environment.ts'
import type { Engine, Exec } from '../docker/container.ts'
import type { Projection } from '../docker/projection.ts'
import type { SharedDatabases } from '../databases/database.ts'
import type { Events } from '../events/event.ts'
import type { Images } from '../images/image.ts'
import type { Jobs } from '../jobs/job.ts'
import type { ProxyApplied } from '../proxy/vhost.ts'
import type { Instance, Render, Rendered } from '../templates/rendered.ts'
import type { UnmetNeed } from '../templates/host-needs.ts'
import type { Catalog, Template } from '../templates/template.ts'
import type { FormerHosts } from './former-host-store.ts'
import type { Instances } from './instances.ts'
import type { Monitor } from './monitor.ts'
import type { BoxFacts, Wishes } from './wishes.ts'

export interface MinionDeps {
  box: BoxFacts
  dirs: Directories
  config: ConfigFile
  catalog: Catalog
  engine: Engine
  exec: Exec
  projection: Projection
  images: Images
  certificates: Certificates
  keeper: Pick<Keeper, 'settled' | 'problem'>
  jobs: Jobs
  monitor: Monitor
  events: Events
  formerHosts: FormerHosts
  wishes: Wishes
  instances: Instances
  databases: SharedDatabases
  redactor: { add(value: string): void }
  now(): Date
  render: Render
  readInstance(dir: string): Instance | undefined
  readKept(dir: string): Record<string, string>
  /** true when a byte changed. */
  writeInstance(input: {
    dir: string
    template: Template
    rendered: Rendered
    instance: Instance
  }): Promise<boolean>
  restorePrevious(dir: string): Promise<void>
  acceptInstance(dir: string): Promise<void>
  createFolders(folders: Rendered['folders']): Promise<void>
  /** MiB of memory of this host, and MiB free on the disk of `folder`. */
  hostSpace(folder: string): Promise<{ memory: number; free_disk: number }>
  /** What this host lacks for the template: kernel settings, flags of the processor. */
  unmetNeeds(template: Template): Promise<UnmetNeed[]>
  /** Writes the proxy's files, so that nginx can start. */
  prepareProxy(): Promise<void>
  /** Makes nginx serve what config.yml, the minions and the foreign containers say now. */
  syncProxy(): Promise<ProxyApplied>
  /** Waits while the proxy itself is being summoned. */
  awaitProxyMinion(signal: AbortSignal): Promise<void>
  /** Programs of this host that listen on the port, in words. */
  portHolders(port: number): Promise<string[]>
  /** Reads the minion's containers from the engine into the projection. */
  refreshMinion(minion: string): Promise<void>
}
