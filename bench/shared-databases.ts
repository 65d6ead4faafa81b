/** Five minions that share a database server against five with a server of their own: the memory of the servers. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseServer } from '../server/databases/database.ts'
import { createBox, type Box } from '../test/box.ts'
import type { Figure, Measure } from './figure.ts'
import { numbered, summonTogether, within } from './own-box.ts'

const MINIONS = 5
const VISITS = 20
const REST_MS = 30_000
const MIB = 1024 * 1024
const KINDS = [
  { engine: 'MariaDB', template: 'wordpress', service: 'mariadb', path: '/', server: 'databases-mariadb' },
  {
    engine: 'PostgreSQL',
    template: 'redmine',
    service: 'postgres',
    path: '/login',
    server: 'databases-postgres',
  },
] as const
type Kind = (typeof KINDS)[number]

export const sharedDatabases: Figure = {
  name: 'shared-databases',
  title: 'Five minions on one database server',
  rounds: 1,
  async run({ scale, say }) {
    const count = Math.max(2, Math.round(MINIONS * scale))
    const measures: Measure[] = []
    for (const kind of KINDS) {
      const dedicated = await memoryOf(kind, 'dedicated', count, scale)
      const shared = await memoryOf(kind, 'shared', count, scale)
      const { engine } = kind
      const saved = dedicated.servers - shared.servers
      say(`${engine}: ${dedicated.servers.toFixed(0)} MB, shared ${shared.servers.toFixed(0)} MB`)
      measures.push(
        {
          what: `${engine}: one server for ${count} / ${count} servers`,
          value: shared.servers / dedicated.servers,
          unit: 'x',
        },
        { what: `${engine}: memory saved`, value: saved, unit: 'MB' },
        { what: `${engine}: ${count} servers`, value: dedicated.servers, unit: 'MB' },
        { what: `${engine}: one server`, value: shared.servers, unit: 'MB' },
        { what: `${engine}: saved, as \`summoner plan\` estimates it`, value: shared.estimate, unit: 'MB' },
        { what: `${engine}: everything, shared / dedicated`, value: shared.all / dedicated.all, unit: 'x' },
      )
    }
    return {
      measures,
      notes: [
        `WordPress with MariaDB and Redmine with PostgreSQL, ${count} of each, in a new box each time; MB are MiB, without inactive page cache, as \`summoner stats\` tells them.`,
        `Each site is visited ${VISITS} times, then all rest for ${REST_MS / 1000} s before the look. Everything: the applications too.`,
      ],
    }
  },
}

interface Memory {
  servers: number
  all: number
  /** 0 where nothing is shared. */
  estimate: number
}

const memoryOf = (
  { template, service, path, server }: Kind,
  database: 'dedicated' | 'shared',
  count: number,
  scale: number,
): Promise<Memory> =>
  within(
    () => createBox({ templates: [], catalogue: [template, server] }),
    async (box) => {
      const names = numbered('minion', count)
      await summonTogether(box, template, names, { database })
      for (let visit = 0; visit < VISITS; visit++)
        for (const name of names) {
          const { status } = await box.visit(`${name}.${box.domain}`, path)
          if (status !== 200) throw new Error(`${name} answered ${status}`)
        }
      await sleep(REST_MS * scale)
      const { servers: shared } = (await box.api<{ servers: DatabaseServer[] }>('GET', '/databases')).body
      const own = await Promise.all(names.map((name) => containersOf(box, name)))
      const common = await Promise.all(shared.map(({ name }) => containersOf(box, name)))
      const databases =
        database === 'shared' ? common.flat() : own.flat().filter((one) => one.service === service)
      if (databases.length !== (database === 'shared' ? 1 : count))
        throw new Error(`${databases.length} servers run`)
      return {
        servers: sum(databases),
        all: sum([...own.flat(), ...common.flat()]),
        estimate: shared.reduce((all, { saved }) => all + saved, 0),
      }
    },
  )

interface Used {
  service: string
  memory: number
}

const containersOf = async (box: Box, minion: string): Promise<Used[]> =>
  (await box.api<Used[]>('GET', `/minions/${minion}/stats`)).body

const sum = (containers: readonly Used[]) => containers.reduce((all, { memory }) => all + memory, 0) / MIB
