/** Minions on one database server, on the real engine with real MariaDB and PostgreSQL: apart, and movable. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { DatabaseServer } from '../server/databases/database.ts'
import type { Job } from '../server/jobs/job.ts'
import { createBox, engine, type Box } from './box.ts'

const KINDS = [
  { template: 'ledger', service: 'mariadb', server: 'databases-mariadb-11-8' },
  { template: 'register', service: 'postgres', server: 'databases-postgres-17' },
] as const

const box = await createBox({
  templates: ['hello', 'ledger', 'register'],
  catalogue: ['databases-mariadb', 'databases-postgres'],
  boot: false,
})
t.teardown(() => box.remove())

/** Entries are names of minions and what each wishes. */
function wish(entries: Record<string, { template: string; database?: string; more?: string }>): void {
  const text = readFileSync(box.configFile, 'utf8')
  const lines = Object.entries(entries).map(
    ([name, { template, database, more = '' }]) =>
      `    - {name: ${name}, template: ${template}${database ? `, database: ${database}` : ''}${more}}\n`,
  )
  writeFileSync(
    box.configFile,
    `${text.slice(0, text.indexOf('  applications:'))}  applications:\n${lines.join('')}`,
  )
}

function succeeded(t: Test, jobs: Job[]): void {
  for (const job of jobs)
    t.equal(job.state, 'succeeded', `${job.kind} ${job.minion}: ${JSON.stringify(job.problem)}`)
}

const containerOf = async (minion: string, service: string) =>
  (await engine.listContainers({ labels: [`io.summoner.box=${box.boxId()}`] })).find(
    ({ labels, service: own }) => labels['io.summoner.minion'] === minion && own === service,
  )

/** SQL by the application's own account, from inside the application. */
async function ask(minion: string, template: string, sql: string, database?: string): Promise<string> {
  const app = await containerOf(minion, template)
  if (!app) throw new Error(`${minion} does not run`)
  const argv = ['sh', '/summoner/ask.sh', sql, ...(database ? [database] : [])]
  const { code, stdout, stderr } = await engine.execIn(app.id, argv)
  if (code !== 0) throw new Error(stderr || stdout)
  return stdout.trim()
}
const rows = (minion: string, template: string) =>
  ask(minion, template, 'SELECT id, words FROM entries ORDER BY id')

async function servers(of: Box = box): Promise<DatabaseServer[]> {
  return (await of.api<{ servers: DatabaseServer[] }>('GET', '/databases')).body.servers
}

const both = (database: string) =>
  Object.fromEntries(
    KINDS.flatMap(({ template }) => [
      [`${template}-a`, { template, database }],
      [`${template}-b`, { template, database: 'shared' }],
    ]),
  )

await t.test('two minions of each engine come up on one server each', async (t) => {
  await box.boot()
  wish(both('shared'))
  const { body: plan } = await box.api<{ changes: { minion: string; reasons: string[] }[] }>(
    'GET',
    '/config/plan',
  )
  for (const { server, template } of KINDS) {
    const change = plan.changes.find(({ minion }) => minion === server)
    t.match(change?.reasons.join(), new RegExp(`serves ${template}-a, ${template}-b; about \\d+ MiB`))
  }
  succeeded(t, await box.apply())
  for (const { template, server, service } of KINDS) {
    for (const name of ['a', 'b']) {
      const minion = `${template}-${name}`
      await ask(minion, template, `INSERT INTO entries VALUES (1, 'it''s ${minion}'), (2, 'é ☃')`)
      t.equal((await box.minion(minion)).status, 'running')
      t.strictSame((await box.minion(minion)).database, { server, name: `app_${template}_${name}` })
      t.notOk(await containerOf(minion, service), 'no server of its own')
    }
    const found = (await servers()).find(({ name }) => name === server)
    t.strictSame(
      found?.tenants.map(({ minion, state }) => [minion, state]),
      [
        [`${template}-a`, 'used'],
        [`${template}-b`, 'used'],
      ],
    )
    t.ok(found?.tenants.every(({ bytes = 0 }) => bytes > 0))
    t.ok((found?.saved ?? 0) > 0)
  }
  t.strictSame(
    (await box.api<{ changes: [] }>('GET', '/config/plan')).body.changes,
    [],
    'a second plan is empty',
  )
})

await t.test('nobody sees or reaches what is another’s', async (t) => {
  const [maria, postgres] = KINDS
  const refused = (minion: string, template: string, sql: string, database?: string) =>
    t.rejects(ask(minion, template, sql, database), /denied|permission|not permitted|must be/i, sql)
  await refused('ledger-a', 'ledger', 'SELECT * FROM app_ledger_b.entries')
  await refused('ledger-a', 'ledger', 'SELECT 1', 'app_ledger_b')
  await refused('ledger-a', 'ledger', 'SELECT * FROM mysql.user')
  await refused('ledger-a', 'ledger', 'CREATE DATABASE mine')
  await refused('ledger-a', 'ledger', "CREATE USER x@'%'")
  await refused('ledger-a', 'ledger', "GRANT ALL ON app_ledger_a.* TO app_ledger_b@'%'")
  // in a grant `_` would stand for any character
  await refused('ledger-a', 'ledger', 'CREATE DATABASE appxledgerxa')
  t.notMatch(await ask('ledger-a', 'ledger', 'SHOW DATABASES'), /ledger_b/)
  await refused('register-a', 'register', 'SELECT 1', 'app_register_b')
  await refused('register-a', 'register', 'SELECT 1', 'postgres')
  await refused('register-a', 'register', 'SELECT 1', 'template1')
  await refused('register-a', 'register', 'CREATE DATABASE mine')
  await refused('register-a', 'register', 'CREATE ROLE mine')
  await refused('register-a', 'register', 'SET ROLE app_register_b')
  await refused('register-a', 'register', "SELECT pg_read_file('/etc/passwd')")
  for (const { template } of [maria, postgres]) {
    const [a, b] = [
      await containerOf(`${template}-a`, template),
      await containerOf(`${template}-b`, template),
    ]
    t.strictSame(
      Object.keys(a?.networks ?? {}).filter((name) => name in (b?.networks ?? {})),
      [],
      'no network in common',
    )
  }
})

await t.test('a move to a server of its own and back keeps every row', async (t) => {
  for (const database of ['dedicated', 'shared']) {
    wish(both(database))
    succeeded(t, await box.apply())
    for (const { template, server, service } of KINDS) {
      const minion = `${template}-a`
      t.match(await rows(minion, template), new RegExp(`it's ${minion}`))
      const own = await containerOf(minion, service)
      const folder = join(box.data, 'volumes/database', minion, service)
      const names = (await servers()).find(({ name }) => name === server)?.tenants.map(({ minion }) => minion)
      if (database === 'dedicated') {
        t.ok(own?.health === 'healthy' && existsSync(folder))
        t.strictSame(names, [`${template}-b`], 'the old copy is gone')
      } else {
        t.notOk(own)
        t.notOk(existsSync(folder), 'the old folder is gone')
        t.strictSame(names, [minion, `${template}-b`])
      }
      const { body } = await box.api<{ dumps: { minion: string }[] }>('GET', `/dumps?minion=${minion}`)
      t.ok(body.dumps.length > 0, 'what went over stays as a dump')
      await ask(minion, template, `INSERT INTO entries VALUES (${database === 'shared' ? 10 : 20}, 'later')`)
    }
  }
})
