/**
 * Shared database servers: minions named `databases-<engine>-<series>` that come with the first minion that wishes
 * `database: shared` and go with the last. A server joins the network of each of its minions under the name of the
 * service whose place it takes, so minions reach it as they would reach their own, and do not reach each other.
 */
import type { FastifyInstance } from 'fastify'
import { LABEL, type Container, type Engine } from '../docker/container.ts'
import type { Projection } from '../docker/projection.ts'
import { SummonerError } from '../errors.ts'
import type { Job, Jobs } from '../jobs/job.ts'
import { createTurn, type Turn } from '../jobs/turn.ts'
import {
  serverEngine,
  tenantName,
  tenantOf,
  type SharedDatabase,
  type SharedEngine,
} from '../templates/shared-database.ts'
import type { Catalog } from '../templates/template.ts'
import type { DatabaseServer, SharedDatabases } from './database.ts'
import { databasesRoutes } from './databases.routes.ts'
import { administratorArgv, administratorEnv, tenantEngine } from './engines.ts'

const NETWORK = 'com.docker.compose.network'
const PROJECT = 'com.docker.compose.project'

export interface DatabasesDeps {
  engine: Pick<Engine, 'execIn' | 'inspect' | 'listNetworks' | 'connectNetwork' | 'disconnectNetwork'>
  projection: Projection
  jobs: Pick<Jobs, 'submit' | 'active' | 'ended'>
  catalog: Pick<Catalog, 'get'>
  /** Minions as they were brought up. */
  applied(): ReadonlyMap<string, { project: string; database?: SharedDatabase }>
  /** Minions as config.yml wishes them; those that do not render are left out. */
  wished(): { minion: string; database: SharedDatabase }[]
  onError(error: unknown): void
}

export function createDatabases(deps: DatabasesDeps) {
  const { engine, projection, jobs } = deps
  const containerOf = (server: string): Container | undefined => projection.ours(server)[0]

  const running = async (server: string): Promise<Container> => {
    const found = containerOf(server)
    const container = found && (await engine.inspect(found.id))
    if (container?.state !== 'running')
      throw new SummonerError('database.server', `${server} does not run.`, {
        hint: `Start it with \`summoner start ${server}\`.`,
      })
    return container
  }

  /** One at a time: PostgreSQL refuses grants that meet ("tuple concurrently updated"). */
  const turns = new Map<string, Turn>()
  const tell = (server: string, sql: string): Promise<string> => {
    const turn = turns.get(server) ?? createTurn()
    turns.set(server, turn)
    return turn(() => tellNow(server, sql))
  }

  const tellNow = async (server: string, sql: string): Promise<string> => {
    const tenants = tenantEngine(engineOf(server))
    const container = await running(server)
    const env = administratorEnv(tenants, container.env, sql)
    const { code, stdout, stderr } = await engine.execIn(container.id, administratorArgv(tenants), { env })
    // PostgreSQL's client says why it stopped, and the pipe's code is its own
    if (code === 0) return stdout
    throw new SummonerError('database.server', `${server} refused: ${(stderr.trim() || stdout).slice(-400)}`)
  }

  const databasesOf = async (server: string): Promise<{ name: string; bytes: number }[]> =>
    (await tell(server, tenantEngine(engineOf(server)).list))
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([name]) => name)
      .map(([name = '', bytes]) => ({ name, bytes: Number(bytes) }))

  const usersOf = (server: string): Map<string, SharedDatabase> => {
    const found = new Map<string, SharedDatabase>()
    for (const { minion, database } of deps.wished())
      if (database.server === server) found.set(minion, database)
    for (const [minion, { database }] of deps.applied())
      if (database?.server === server) found.set(minion, database)
    return found
  }

  const connect: SharedDatabases['connect'] = async (minion, project, database) => {
    const servers = projection.ours().filter(({ labels }) => serverEngine(labels[LABEL.minion] ?? ''))
    if (servers.length === 0) return
    const networks = (await engine.listNetworks()).filter(({ labels }) => labels[PROJECT] === project)
    for (const { id, labels } of servers) {
      const server = labels[LABEL.minion]
      const joined = (await engine.inspect(id)).networks
      for (const network of networks) {
        const wanted =
          database?.server === server && database?.networks.includes(network.labels[NETWORK] ?? '') === true
        const there = network.name in joined
        if (wanted && !there) await engine.connectNetwork(network.id, id, [database.service])
        if (!wanted && there) await engine.disconnectNetwork(network.id, id)
      }
    }
  }

  const connectTenants: SharedDatabases['connectTenants'] = async (server) => {
    for (const [minion, { project, database }] of deps.applied())
      if (database?.server === server) await connect(minion, project, database)
  }

  const awaitServer: SharedDatabases['awaitServer'] = async (database, context) => {
    const { server } = database
    for (let tries = 0; ; tries++) {
      const active = jobs.active(server)
      const container = containerOf(server)
      if (!active && container?.state === 'running' && container.health === 'healthy') return
      if (!active && tries > 2)
        throw new SummonerError('database.server', `${server} does not become healthy.`)
      const job =
        active ??
        jobs.submit({
          kind: 'summon',
          minion: server,
          input: { minion: server, server: database },
          actor: 'daemon',
        })
      context.log(`Waiting for ${server}`)
      const ended = await unlessAborted(jobs.ended(job.id), context.signal)
      if (ended.kind === 'summon' && ended.state !== 'succeeded')
        throw new SummonerError('database.server', `${server}: ${ended.problem?.detail ?? ended.state}`)
    }
  }

  const databases: SharedDatabases = {
    awaitServer,
    connect,
    connectTenants,

    async provide(minion, database, password, context) {
      await awaitServer(database, context)
      const { server, engine: name } = database
      await tell(server, tenantEngine(name).make({ ...database, password }))
      context.log(`${minion} has the database ${database.database} on ${server}.`)
    },

    async drop(minion, server, keep) {
      const tenants = tenantEngine(engineOf(server))
      const own = (await databasesOf(server)).filter(
        ({ name }) => tenantOf(name)?.minion === minion && name !== keep,
      )
      const sql = own.map(({ name }) => tenants.drop(name))
      if (sql.length > 0) await tell(server, sql.join(''))
    },

    async dropOne(server, database) {
      await tell(server, tenantEngine(engineOf(server)).drop(database))
    },

    has: async (server, database) => (await databasesOf(server)).some(({ name }) => name === database),

    async freeName(minion, server) {
      const taken = new Set((await databasesOf(server)).map(({ name }) => name))
      for (let generation = 1; ; generation++) {
        const name = tenantName(minion, generation)
        if (!taken.has(name)) return name
      }
    },

    tenants: (server) => [...usersOf(server).keys()],

    release(server) {
      if (usersOf(server).size > 0 || !deps.applied().has(server)) return
      jobs.submit({
        kind: 'dismiss',
        minion: server,
        input: { minion: server, purge: false },
        actor: 'daemon',
      })
    },

    async list() {
      const names = new Set(
        [...deps.wished().map(({ database }) => database.server), ...deps.applied().keys()].filter(
          serverEngine,
        ),
      )
      for (const { labels } of projection.ours())
        if (serverEngine(labels[LABEL.minion] ?? '')) names.add(labels[LABEL.minion] ?? '')
      return Promise.all([...names].sort().map(viewServer))
    },
  }

  async function viewServer(name: string): Promise<DatabaseServer> {
    const container = containerOf(name)
    const users = usersOf(name)
    const there = container?.state === 'running' ? await databasesOf(name) : undefined
    const tenants: DatabaseServer['tenants'] = [...users].map(([minion, { database, user }]) => {
      const found = there?.find((one) => one.name === database)
      const state = there && !found ? 'missing' : 'used'
      return { minion, database, user, ...(found ? { bytes: found.bytes } : {}), state }
    })
    for (const { name: database, bytes } of there ?? []) {
      const minion = tenantOf(database)?.minion
      if (minion !== undefined && !users.has(minion))
        tenants.push({ minion, database, user: database, bytes, state: 'kept' })
    }
    const { usual = 0 } = deps.catalog.get(`databases-${engineOf(name)}`).description.resources
    return {
      name,
      engine: engineOf(name),
      ...(container ? { image: container.image } : {}),
      state: container?.state ?? 'absent',
      tenants: tenants.toSorted((a, b) => a.minion.localeCompare(b.minion)),
      bytes: (there ?? []).reduce((sum, { bytes }) => sum + bytes, 0),
      saved: Math.max(0, users.size - 1) * usual,
    }
  }

  let forget: (() => void) | undefined
  return {
    ...databases,
    routes: async (app: FastifyInstance) => {
      await app.register(databasesRoutes(databases))
    },
    /** A server that somebody else made anew has lost the networks of its minions. */
    start(): void {
      forget = projection.onChange(({ before, after }) => {
        const minion = after?.labels[LABEL.minion] ?? ''
        if (!before && after && serverEngine(minion)) void connectTenants(minion).catch(deps.onError)
      })
    },
    stop: () => forget?.(),
  }
}

function engineOf(server: string): SharedEngine {
  const engine = serverEngine(server)
  if (!engine) throw new SummonerError('internal', `${server} is no server of databases.`)
  return engine
}

async function unlessAborted(ended: Promise<Job>, signal: AbortSignal): Promise<Job> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(new SummonerError('job.cancelled', 'The wait was cancelled.'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    return await Promise.race([ended, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
