/**
 * `database: shared`: which templates can leave their database to a server that several minions use, and what of them
 * is rendered then. A template allows it by naming its database `${DATABASE_NAME:-…}` and the account of its
 * application `${DATABASE_USER:-…}`. Pure.
 */
import { RESERVED_PREFIX } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import { networksOf } from './networks.ts'
import { listOf, recordOf, textOf } from './plain.ts'
import type { RenderInput } from './rendered.ts'
import { seriesOf } from './series.ts'
import type { ComposeService, Template, TemplateDescription } from './template.ts'
import { variablesIn } from './variables.ts'

export const SHARED_ENGINES = ['mariadb', 'mysql', 'postgres'] as const
export type SharedEngine = (typeof SHARED_ENGINES)[number]

/** The place of one minion on a shared server. */
export interface SharedDatabase {
  /** The minion that is the server: `databases-mariadb-11-8`. */
  server: string
  engine: SharedEngine
  series: string
  /** The tag that the minion's own template names; a server runs the newest of its minions. */
  tag: string
  images: 'registry' | 'distro'
  /** The service of compose.yml whose place the server takes; the others still find it by this name. */
  service: string
  /** Networks of compose.yml on which they look for it. */
  networks: string[]
  database: string
  user: string
  /** The input that holds the password. */
  passwordEnv: string
}

/** What of a template its shared database replaces. */
export interface Sharing {
  service: string
  engine: SharedEngine
  passwordEnv: string
}

type Dump = NonNullable<TemplateDescription['dumps']>[number]

/** The one database of a template that can lie on a shared server; `database.unshared` says why there is none. */
export function sharingOf(template: Template, images: 'registry' | 'distro'): Sharing {
  const { description, name } = template
  const dumps = description.dumps ?? []
  const refuse = (why: string) => new SummonerError('database.unshared', `The template "${name}" ${why}`)
  if (dumps.length === 0) throw refuse('has no database.')
  const shareable = dumps.filter((dump) => engineOf(dump, template, images) !== undefined)
  const [dump, second] = shareable
  if (!dump)
    throw refuse(
      `keeps its data in ${dumps[0]?.engine}, which cannot be shared; MariaDB, MySQL and PostgreSQL can.`,
    )
  if (second) throw refuse(`has several databases (${dump.service}, ${second.service}).`)
  const problem = sharingProblem(dump, template)
  if (problem !== undefined) throw refuse(`does not let its database be shared: ${problem}.`)
  return {
    service: dump.service,
    engine: engineOf(dump, template, images) as SharedEngine,
    passwordEnv: dump.password_env ?? '',
  }
}

/** True where an author meant the database to be shareable; the check of templates then asks for the rest. */
export const saysShared = (dump: Dump): boolean => names(dump.database, 'DATABASE_NAME')

/** Continues "…: "; undefined when the template leaves its database to a shared server without loss. */
export function sharingProblem(
  dump: Dump,
  { description, compose }: Pick<Template, 'description' | 'compose'>,
): string | undefined {
  const { service } = dump
  if (!isShareable(dump.engine)) return `${dump.engine} has no shared servers`
  if (!names(dump.database, 'DATABASE_NAME')) return `its database is not named \${DATABASE_NAME:-…}`
  if (!names(dump.user ?? '', 'DATABASE_USER')) return `its user is not named \${DATABASE_USER:-…}`
  if (!dump.password_env) return 'minion.yml does not say which input holds the password'
  if (!description.images[service]) return `minion.yml does not describe the image of ${service}`
  const others = Object.entries(compose.services).filter(([name]) => name !== service)
  const used = new Set(variablesIn(others.map(([, definition]) => definition)).map(({ name }) => name))
  if (!used.has('DATABASE_NAME')) return 'no other service is told ${DATABASE_NAME}'
  if (others.some(([, { network_mode: mode }]) => mode === `service:${service}`))
    return `another service lives in the network of ${service}`
  const commands = [
    ...(description.backup?.before ?? []),
    ...(description.backup?.after ?? []),
    ...(description.rename?.before ?? []),
    ...(description.rename?.after ?? []),
    ...(description.admin?.create ? [description.admin.create] : []),
  ]
  if (commands.some((command) => command.service === service)) return `it runs commands inside ${service}`
  return undefined
}

export function isShareable(engine: string): boolean {
  return sharedEngine(engine) !== undefined
}

function sharedEngine(engine: string): SharedEngine | undefined {
  const plain = engine === 'postgresql' ? 'postgres' : engine
  return SHARED_ENGINES.find((known) => known === plain)
}

/** A distribution build may serve another engine than the image it stands for (mariadb for mysql). */
function engineOf(
  { service, engine }: Dump,
  { description }: Template,
  images: 'registry' | 'distro',
): SharedEngine | undefined {
  const built = images === 'distro' ? description.images[service]?.distro?.engine : undefined
  return sharedEngine(built ?? engine)
}

const names = (text: string, variable: string) =>
  variablesIn(text).some(({ name, optional }) => name === variable && optional)

/** Database and account are called alike, by the minion's name; a prefix keeps them apart from what every server has of its own. */
export function tenantName(minion: string, generation = 1): string {
  return `app${generation === 1 ? '' : generation}_${minion.replaceAll('-', '_')}`
}

/** The minion whose database this is; undefined for any other. */
export function tenantOf(database: string): { minion: string; generation: number } | undefined {
  const [, generation = '', name] = /^app([0-9]*)_([a-z][a-z0-9_]*)$/.exec(database) ?? []
  return name === undefined
    ? undefined
    : { minion: name.replaceAll('_', '-'), generation: Number(generation || 1) }
}

export const serverName = (engine: SharedEngine, series: string): string =>
  `${RESERVED_PREFIX}${engine}-${series.replaceAll('.', '-')}`

/** The engine that a server's name speaks of; undefined when it is no server's name. */
export function serverEngine(name: string): SharedEngine | undefined {
  const [, engine = ''] = /^databases-([a-z]+)-[0-9-]+$/.exec(name) ?? []
  return SHARED_ENGINES.find((known) => known === engine)
}

/** What a server's name alone says of it, for a minion that leaves it or has left it. */
export function serverSpec(server: string): SharedDatabase {
  const [, series = ''] = /^databases-[a-z]+-([0-9-]+)$/.exec(server) ?? []
  const engine = serverEngine(server)
  if (!engine) throw new SummonerError('internal', `${server} is no server of databases.`)
  const tag = series.replaceAll('-', '.')
  return {
    server,
    engine,
    series: tag,
    tag,
    images: 'distro',
    service: engine,
    networks: [],
    database: '',
    user: '',
    passwordEnv: '',
  }
}

/** MySQL's accounts have the shortest names. */
const LONGEST_USER: Record<SharedEngine, number> = { mariadb: 80, mysql: 32, postgres: 63 }

export function sharedDatabaseOf(
  { template, instance }: Pick<RenderInput, 'template' | 'instance'>,
  { service, engine, passwordEnv }: Sharing,
  env: Readonly<Record<string, string>>,
): SharedDatabase {
  const image = template.description.images[service]
  const tag = (image && env[image.variable]) ?? ''
  const series = seriesOf(`${engine}:${tag}`, engine)
  if (series === undefined)
    throw new SummonerError('database.unshared', `"${tag}" does not say which series of ${engine} it is.`)
  const user = env['DATABASE_USER'] ?? ''
  if (user.length > LONGEST_USER[engine])
    throw new SummonerError(
      'database.unshared',
      `An account of ${engine} has at most ${LONGEST_USER[engine]} characters, and "${user}" has more.`,
      { hint: 'Choose a shorter name for the minion, or leave its database dedicated.' },
    )
  const others = Object.entries(template.compose.services).filter(([name]) => name !== service)
  const joined = new Set(others.flatMap(([, definition]) => networksOf(definition)))
  return {
    server: serverName(engine, series),
    engine,
    series,
    tag,
    images: instance.images,
    service,
    networks: networksOf(template.compose.services[service] ?? {}).filter((key) => joined.has(key)),
    database: env['DATABASE_NAME'] ?? '',
    user,
    passwordEnv,
  }
}

/** The template as a minion of a shared server runs it: without the service, and without what only served it. */
export function withoutDatabase(template: Template, service: string): Template {
  const { compose, description } = template
  const services = Object.fromEntries(
    Object.entries(compose.services)
      .filter(([name]) => name !== service)
      .map(([name, definition]) => {
        const needs = dependenciesWithout(definition, service)
        return [name, needs === undefined ? definition : { ...definition, depends_on: needs }]
      }),
  )
  const { resources } = description
  const own = resources.services?.[service]
  return {
    ...template,
    compose: { ...compose, services },
    description: {
      ...description,
      images: without(description.images, service),
      data: (description.data ?? []).filter((data) => data.service !== service),
      resources: {
        ...resources,
        memory: resources.memory - (own?.memory ?? 0),
        ...(resources.services ? { services: without(resources.services, service) } : {}),
      },
    },
  }
}

/** In compose's long form; undefined when the service did not wait for the database. */
export function dependenciesWithout(
  definition: ComposeService,
  service: string,
): Record<string, unknown> | undefined {
  const written = definition['depends_on']
  const all = Array.isArray(written)
    ? Object.fromEntries(listOf(written).map((name) => [textOf(name), { condition: 'service_started' }]))
    : recordOf(written)
  return service in all ? without(all, service) : undefined
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([other]) => other !== key))
}
