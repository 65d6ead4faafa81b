/** Every check of the doctor, in the order it is shown. */
import type { Certificates } from '../certificates/certificate.ts'
import type { Config } from '../config/config.ts'
import type { Directories, Environment } from '../config/environment.ts'
import type { Engine, Exec } from '../docker/container.ts'
import type { Proxy, Vhost } from '../proxy/vhost.ts'
import type { Catalog, Template } from '../templates/template.ts'
import type { DestinationView } from '../backups/destinations/destination.ts'
import { certificatesCheck } from './checks/certificates.ts'
import { clockCheck } from './checks/clock.ts'
import { composeCheck } from './checks/compose.ts'
import { dataCheck } from './checks/data.ts'
import { configCheck } from './checks/config.ts'
import { destinationsCheck } from './checks/destinations.ts'
import { diskCheck } from './checks/disk.ts'
import { engineCheck } from './checks/engine.ts'
import { firewallCheck } from './checks/firewall.ts'
import { memoryCheck } from './checks/memory.ts'
import { namesCheck } from './checks/names.ts'
import { needsCheck } from './checks/needs.ts'
import { portsCheck } from './checks/ports.ts'
import { proxyCheck } from './checks/proxy.ts'
import { registryCheck } from './checks/registry.ts'
import { subnetsCheck } from './checks/subnets.ts'
import type { Check } from './doctor.ts'
import { unmetNeeds } from '../templates/host-needs.ts'
import { hostFacts, type HostFiles, type HostNetwork } from './host.ts'

export interface DoctorDeps {
  engine: Pick<Engine, 'info' | 'listNetworks'>
  exec: Exec
  files: HostFiles
  network: HostNetwork
  /** As config.yml is now; throws what is wrong with it. */
  config: () => Config | Promise<Config>
  catalog: Pick<Catalog, 'list'>
  proxy: Pick<Proxy, 'generation'>
  certificates: Pick<Certificates, 'list'>
  /** `createRegistryProbe` of images/. */
  registryAnswers: (registry: string) => Promise<boolean>
  vhosts: () => readonly Pick<Vhost, 'host'>[]
  environment: Pick<Environment, 'httpPort' | 'httpsPort'>
  directories: Pick<Directories, 'data' | 'minions' | 'certificates' | 'run' | 'adminSocket'>
  destinations: () => readonly DestinationView[]
  /** Uid the daemon runs as. */
  uid: number
  now: () => number
}

export function createChecks(deps: DoctorDeps): Check[] {
  const { engine, exec, files, network, proxy, now } = deps
  const ports = [deps.environment.httpPort, deps.environment.httpsPort]
  const wanted = async () => {
    const { applications, images } = await deps.config()
    const templates = new Map(deps.catalog.list().map((template) => [template.name, template]))
    return applications.flatMap((application) => {
      const template = templates.get(application.template)
      return template ? [{ application, template, images: application.images ?? images }] : []
    })
  }
  return [
    configCheck({ config: deps.config }),
    engineCheck({ engine }),
    composeCheck({ exec }),
    proxyCheck({ generation: () => proxy.generation() }),
    portsCheck({ files, ports, serving: async () => (await proxy.generation()) !== undefined }),
    firewallCheck({ exec, ports }),
    namesCheck({
      network,
      domain: async () => (await deps.config()).domain,
      hosts: async () => deps.vhosts().map(({ host }) => host),
    }),
    certificatesCheck({ list: () => deps.certificates.list(), now }),
    diskCheck({
      files,
      folders: async () => {
        const { vsroot, dbsroot } = await deps.config()
        return [deps.directories.data, vsroot, dbsroot, (await engine.info()).rootDir]
      },
    }),
    memoryCheck({
      facts: () => hostFacts(files),
      wanted: async () =>
        (await wanted()).map(({ application, template }) => ({
          name: application.name,
          running: application.state === 'running',
          memory: template.description.resources.memory,
        })),
    }),
    needsCheck({
      unmet: async () => {
        const running = (await wanted()).filter(({ application }) => application.state === 'running')
        return Promise.all(
          running.map(async ({ application, template }) => ({
            name: application.name,
            needs: await unmetNeeds(template.description.resources, files.read),
          })),
        )
      },
    }),
    clockCheck({ exec, files, now }),
    subnetsCheck({
      files,
      networks: () => engine.listNetworks(),
      pool: async () => (await deps.config()).subnets,
    }),
    registryCheck({
      answers: deps.registryAnswers,
      wanted: async () =>
        (await wanted()).map(({ application, template, images }) => ({
          name: application.name,
          images,
          repositories: repositoriesOf(template),
          distro: Object.values(template.description.images).every(({ distro }) => distro !== undefined),
        })),
    }),
    destinationsCheck({ list: deps.destinations, now }),
    dataCheck({ files, directories: deps.directories, uid: deps.uid }),
  ]
}

const repositoriesOf = (template: Template) =>
  Object.values(template.description.images).map(({ repository }) => repository)
