import t from 'tap'
import type { SharedDatabase } from '../templates/shared-database.ts'
import { serverApplication, serverNote, serversOf } from './database-servers.ts'

const database = (change: Partial<SharedDatabase> = {}): SharedDatabase => ({
  server: 'databases-mariadb-11-8',
  engine: 'mariadb',
  series: '11.8',
  tag: '11.8.8',
  images: 'registry',
  service: 'mariadb',
  networks: ['default'],
  database: 'app_a',
  user: 'app_a',
  passwordEnv: 'P',
  ...change,
})

t.test('one server an engine and series, each minion once', async (t) => {
  const servers = serversOf([
    { minion: 'a', database: database() },
    { minion: 'b', database: database({ server: 'databases-postgres-17', engine: 'postgres' }) },
    { minion: 'a', database: database() },
    { minion: 'c', database: database() },
  ])
  t.strictSame(
    [...servers].map(([name, uses]) => [name, uses.map(({ minion }) => minion)]),
    [
      ['databases-mariadb-11-8', ['a', 'c']],
      ['databases-postgres-17', ['b']],
    ],
  )
})

t.test('it runs the newest release that one of its minions names', async (t) => {
  const tags = ['11.8.9', '11.8.10', '11.8.8'].map((tag) => database({ tag }))
  t.match(serverApplication(tags, undefined), {
    name: 'databases-mariadb-11-8',
    template: 'databases-mariadb',
    images: 'registry',
    version: '11.8.10',
    state: 'running',
  })
})

t.test('where its images came from is kept; a distribution build has no version to choose', async (t) => {
  const mixed = [database(), database({ images: 'distro', tag: '11.8' })]
  t.match(serverApplication(mixed, undefined), { images: 'registry', version: '11.8.8' })
  const kept = serverApplication(mixed, 'distro')
  t.equal(kept.images, 'distro')
  t.notOk('version' in kept)
})

t.test('what is saved is said of two and more', async (t) => {
  const uses = ['a', 'b', 'c'].map((minion) => ({ minion, database: database() }))
  t.equal(serverNote(uses, 90), 'serves a, b, c; about 180 MiB of memory less than 3 servers')
  t.equal(serverNote(uses.slice(0, 1), 90), 'serves a')
})
