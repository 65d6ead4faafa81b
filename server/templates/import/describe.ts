/** minion.yml of an imported template. */
import type { TemplateDescription } from '../template.ts'
import type { Draft, DraftService } from './draft.ts'
import { healthOf, resourcesOf } from './limits.ts'
import type { Web } from './web.ts'

/** Which variables of a database image name the database, its user and the password. */
const ACCESS: Record<
  string,
  { database: string[]; user: string[]; password: string[]; defaultUser: string }
> = {
  postgres: {
    database: ['POSTGRES_DB', 'POSTGRES_USER'],
    user: ['POSTGRES_USER'],
    password: ['POSTGRES_PASSWORD'],
    defaultUser: 'postgres',
  },
  mariadb: {
    database: ['MARIADB_DATABASE', 'MYSQL_DATABASE'],
    user: [],
    password: ['MARIADB_ROOT_PASSWORD', 'MYSQL_ROOT_PASSWORD'],
    defaultUser: 'root',
  },
  mysql: { database: ['MYSQL_DATABASE'], user: [], password: ['MYSQL_ROOT_PASSWORD'], defaultUser: 'root' },
  mongodb: {
    database: ['MONGO_INITDB_DATABASE'],
    user: ['MONGO_INITDB_ROOT_USERNAME'],
    password: ['MONGO_INITDB_ROOT_PASSWORD'],
    defaultUser: 'root',
  },
}

export function describe(draft: Draft, web: Web | undefined, powers: readonly string[]): TemplateDescription {
  const dumps = draft.services.flatMap((service) => dumpOf(service) ?? [])
  const dumped = new Set(dumps.map(({ service }) => service))
  const hot = draft.data.every(({ service, kind }) => kind !== 'database' || dumped.has(service))
  const names = draft.services.map(({ name }) => name).join(', ')
  const inputs = draft.inputs.list()
  const images = draft.services.filter(({ image }) => image)
  return {
    name: draft.name,
    summary: {
      en: `Imported from ${draft.source.path}: ${names}`,
      fr: `Importé de ${draft.source.path} : ${names}`,
    },
    category: 'custom',
    revision: 1,
    images: Object.fromEntries(images.flatMap(({ name, image }) => (image ? [[name, image]] : []))),
    ...(inputs.length > 0 ? { inputs } : {}),
    ...(web ? { web: [{ ...web, websocket: true, max_body: '512m' }] } : {}),
    health: healthOf(draft, web) ?? {},
    ...(draft.data.length > 0 ? { data: draft.data } : {}),
    ...(dumps.length > 0 ? { dumps } : {}),
    backup: { consistency: hot && dumps.length > 0 ? 'hot' : 'cold' },
    resources: resourcesOf(draft),
    ...(powers.length > 0
      ? {
          grants: powers.map((what) => ({
            what,
            why: { en: `The imported file asks for ${what}.`, fr: `Le fichier importé demande ${what}.` },
          })),
        }
      : {}),
  }
}

function dumpOf(service: DraftService): NonNullable<TemplateDescription['dumps']>[number] | undefined {
  const engine = service.known?.engine
  const access = engine === undefined ? undefined : ACCESS[engine]
  if (engine === undefined || !access) return undefined
  const first = (keys: string[]) =>
    keys.map((key) => service.environment[key]).find((value) => value !== undefined)
  const password = access.password.find((key) => service.environment[key] !== undefined)
  const database = first(access.database) ?? (engine === 'postgres' ? 'postgres' : undefined)
  if (database === undefined || password === undefined) return undefined
  const variable = /^\$\{([A-Z][A-Z0-9_]*)\}$/.exec(service.environment[password] ?? '')?.[1]
  if (variable === undefined) return undefined
  return {
    service: service.name,
    engine,
    database,
    user: first(access.user) ?? access.defaultUser,
    password_env: variable,
  }
}
