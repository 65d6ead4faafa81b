/** Every application of config.yml with what it renders to now. A minion that does not render never hides the others. */
import { join } from 'node:path'
import type { Application, Config } from '../config/config.ts'
import { SummonerError, type Place } from '../errors.ts'
import type { Instance, Render, RenderInput, Rendered } from '../templates/rendered.ts'
import { refuseSharedNames } from '../templates/names.ts'
import { networkKeys } from '../templates/networks.ts'
import { serverEngine, type SharedDatabase } from '../templates/shared-database.ts'
import type { Catalog, Template } from '../templates/template.ts'
import { serverApplication, serverNote, serversOf, type Use } from './database-servers.ts'
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

export interface WishesDeps {
  catalog: Catalog
  render: Render
  minionsDir: string
  readInstance(dir: string): Instance | undefined
  readKept(dir: string): Record<string, string>
  random: RenderInput['random']
  box: BoxFacts
  /** Minions as they were brought up. */
  applied(): ReadonlyMap<string, { database?: SharedDatabase }>
  /** Where config.yml says something of an application. */
  placeOf(application: string, key: string): Place
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
  applied,
  placeOf,
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
    return {
      template,
      rendered: placed(application, () => render(input(application, config, instance, readKept(dir)))),
    }
  }

  /** What cannot be shared is said of the line that wishes it. */
  const placed = <T>(application: Application, work: () => T): T => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof SummonerError) || error.code !== 'database.unshared') throw error
      const { message, hint } = error
      throw new SummonerError('database.unshared', message, {
        hint,
        at: placeOf(application.name, 'database'),
      })
    }
  }

  /** Whose databases lie, or shall lie, on shared servers. */
  const usesOf = (wished: readonly Wished[]): Use[] => [
    ...wished.flatMap(({ application, rendered }) =>
      rendered?.database ? [{ minion: application.name, database: rendered.database }] : [],
    ),
    ...[...applied()].flatMap(([minion, { database }]) => (database ? [{ minion, database }] : [])),
  ]

  const serverOf = (uses: readonly Use[]): Application => {
    const [name = ''] = uses.map(({ database }) => database.server)
    const kept = readInstance(join(minionsDir, name))?.images
    return serverApplication(
      uses.map(({ database }) => database),
      kept,
    )
  }

  return {
    input,
    renderOne,
    /** A container name that two minions would share is the later one's problem. */
    list(config: Config): Wished[] {
      const named: Rendered[] = []
      const wish = (application: Application): Wished => {
        try {
          const { template, rendered } = renderOne(application, config)
          refuseSharedNames([...named, rendered])
          named.push(rendered)
          return { application, templateHash: template.hash, rendered }
        } catch (error) {
          if (!(error instanceof SummonerError)) throw error
          const { path, line, column } = error.at
          const where = path !== undefined && line !== undefined ? ` (${path}:${line}:${column ?? 1})` : ''
          return { application, templateHash: '', problem: `${error.message}${where}` }
        }
      }
      const wished = config.applications.map(wish)
      const servers = [...serversOf(usesOf(wished)).values()].map((uses): Wished => {
        const application = serverOf(uses)
        const { usual } = catalog.get(application.template).description.resources
        return { ...wish(application), note: serverNote(uses, usual) }
      })
      // those that the others wait for are submitted first
      return [...servers, ...wished]
    },

    /** The entry that a minion would have in config.yml: its own, or that of a server which follows from others. */
    application(minion: string, config: Config, asked?: SharedDatabase): Application | undefined {
      const own = config.applications.find(({ name }) => name === minion)
      if (own || serverEngine(minion) === undefined) return own
      const uses = usesOf(this.list(config)).filter(({ database }) => database.server === minion)
      if (asked) uses.push({ minion: '', database: asked })
      return uses.length > 0 ? serverOf(uses) : undefined
    },

    /** Minions of config.yml whose databases shall lie on shared servers. */
    uses: (config: Config): Use[] =>
      config.applications
        .filter(({ database }) => database === 'shared')
        .flatMap((application) => {
          try {
            const { database } = renderOne(application, config).rendered
            return database ? [{ minion: application.name, database }] : []
          } catch (error) {
            if (error instanceof SummonerError) return []
            throw error
          }
        }),
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
