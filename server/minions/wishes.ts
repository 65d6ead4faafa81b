/** Every application of config.yml with what it renders to now. A minion that does not render never hides the others. */
import { join } from 'node:path'
import type { Application, Config } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import type { Instance, Render, RenderInput, Rendered } from '../templates/rendered.ts'
import { refuseSharedNames } from '../templates/names.ts'
import { networkKeys } from '../templates/networks.ts'
import type { Catalog, Template } from '../templates/template.ts'
import type { Wished } from './plan.ts'

/** Facts of the box that do not stand in config.yml. */
export interface BoxFacts {
  id: string
  projectPrefix: string
  dataDir: string
  httpPort: number
  httpsPort: number
  /** Cores of the host: the engine refuses a limit above. */
  cpus: number
}

interface WishesDeps {
  catalog: Catalog
  render: Render
  minionsDir: string
  readInstance(dir: string): Instance | undefined
  readKept(dir: string): Record<string, string>
  random: RenderInput['random']
  box: BoxFacts
}

export type Wishes = ReturnType<typeof createWishes>

export function createWishes({
  catalog,
  render,
  minionsDir,
  readInstance,
  readKept,
  random,
  box,
}: WishesDeps) {
  const input = (
    application: Application,
    config: Config,
    instance: Instance,
    kept: Record<string, string>,
  ): RenderInput => ({
    application,
    template: catalog.get(application.template),
    instance,
    kept,
    box: {
      ...box,
      domain: config.domain,
      // Applications refuse an address whose host has no dot, such as admin@localhost.
      email:
        config.email ??
        `admin@${config.domain.includes('.') ? config.domain : `${config.domain}.localdomain`}`,
      vsroot: config.vsroot,
      dbsroot: config.dbsroot,
      scheme: (application.tls ?? config.tls) === 'none' ? 'http' : 'https',
    },
    random,
  })

  /** With the facts kept from the first summon; before it, with stand-ins that only serve the check. */
  const renderOne = (
    application: Application,
    config: Config,
  ): { template: Template; rendered: Rendered } => {
    const template = catalog.get(application.template)
    const dir = join(minionsDir, application.name)
    const kept = readInstance(dir)
    const instance = kept ? withNetworks(kept, template) : provisional(application, config, template)
    return { template, rendered: render(input(application, config, instance, readKept(dir))) }
  }

  return {
    input,
    renderOne,
    /** A container name that two minions would share is the later one's problem. */
    list(config: Config): Wished[] {
      const named: Rendered[] = []
      return config.applications.map((application) => {
        try {
          const { template, rendered } = renderOne(application, config)
          refuseSharedNames([...named, rendered])
          named.push(rendered)
          return { application, templateHash: template.hash, rendered }
        } catch (error) {
          if (!(error instanceof SummonerError)) throw error
          return { application, templateHash: '', problem: error.message }
        }
      })
    },
  }
}

/** A template that gained a network since: the plan can already be made, the summon allocates it. */
function withNetworks(instance: Instance, template: Template): Instance {
  const missing = networkKeys(template).filter((key) => !(key in instance.subnets))
  if (missing.length === 0) return instance
  return {
    ...instance,
    subnets: { ...instance.subnets, ...Object.fromEntries(missing.map((key) => [key, '192.0.2.0/28'])) },
  }
}

function provisional(application: Application, config: Config, template: Template): Instance {
  const wish = application.images ?? config.images
  return {
    template: template.name,
    revision: template.description.revision,
    images: wish === 'distro' ? 'distro' : 'registry',
    subnets: Object.fromEntries(networkKeys(template).map((key) => [key, '192.0.2.0/28'])),
    createdAt: '',
  }
}
