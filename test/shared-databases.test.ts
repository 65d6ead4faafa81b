/**
 * Minions on one database server, on the real engine with real MariaDB and PostgreSQL: apart, movable, saved one by one.
 * `test/long/shared-databases.test.ts` has the full counts.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { until } from './aftermath.ts'
import { setsOf } from './backup-box.ts'
import { randomOf } from './kill-rounds.ts'
import { createSharedRig, killedMove, KINDS, succeededAll as succeeded } from './shared-rig.ts'

const rig = await createSharedRig({ catalogue: ['wekan'] })
const { box, ask, rows, wish, servers, tenants, containerOf } = rig
t.teardown(() => box.remove())

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

/** As if the daemon had been killed when the minion worked on the shared server, and its own had not been removed. */
function leaveOldSide(minion: string): void {
  const folder = join(box.data, 'volumes/database', minion, 'mariadb')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'ibdata1'), 'of before')
  const from = { kind: 'dedicated', service: 'mariadb', folder }
  const to = { kind: 'shared', server: 'databases-mariadb-11-8', database: 'app_ledger_a' }
  writeFileSync(
    join(box.data, `state/minions/${minion}.database-move.json`),
    JSON.stringify({ minion, from, to, state: 'accepted' }),
  )
}

await t.test('a move to a server of its own and back keeps every row', async (t) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6))
  leaveOldSide('ledger-a')
  for (const database of ['dedicated', 'shared']) {
    wish(both(database))
    if (database === 'shared') {
      // the daemon is killed on the way back
      const { job, kills, steps } = await killedMove(box, 'ledger-a', randomOf(seed), 1)
      succeeded(t, [job])
      t.comment(`SEED=${seed}: killed after ${kills.join()} ms in ${steps.join()}`)
    }
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

await t.test('one minion’s dump is its own database and goes back into it', async (t) => {
  for (const { template } of KINDS) {
    const [minion, other] = [`${template}-a`, `${template}-b`]
    const before = await rows(minion, template)
    const { files } = (await box.run('POST', `/minions/${minion}/dump`)).result as {
      files: { file: string }[]
    }
    const file = files[0]?.file ?? ''
    const text = execFileSync('zstd', ['-dc', join(box.data, 'dumps', minion, file)], { encoding: 'utf8' })
    t.match(text, new RegExp(`it.{1,2}s ${minion}`))
    t.notMatch(text, new RegExp(`${other}|app_${template}_b`), 'nothing of the others')
    t.notMatch(text, /CREATE (USER|ROLE)/, 'no accounts')
    await ask(minion, template, "DELETE FROM entries; INSERT INTO entries VALUES (99, 'wrong')")
    await ask(other, template, "INSERT INTO entries VALUES (50, 'meanwhile')")
    succeeded(t, [await box.run('POST', `/minions/${minion}/restore-dump`, { file })])
    t.equal(await rows(minion, template), before)
    t.match(await rows(other, template), /meanwhile/)
  }
})

await t.test('a backup of all of them rests on the dumps and leaves the servers running', async (t) => {
  const before = await Promise.all(KINDS.map(({ server, service }) => containerOf(server, service)))
  const { code, stderr } = await box.cli(['backup'])
  t.equal(code, 0, stderr)
  for (const [index, { server, service, template }] of KINDS.entries()) {
    t.equal((await containerOf(server, service))?.startedAt, before[index]?.startedAt, 'was not stopped')
    t.strictSame(await setsOf(box, server), [], 'its files are in nobody’s set')
    for (const name of ['a', 'b']) {
      const [set] = await setsOf(box, `${template}-${name}`)
      t.match(set, { state: 'good' }, `${template}-${name}`)
      const { body } = await box.api<{ entries: object[] }>('GET', `/backups/${set?.id}/files`)
      t.notMatch(JSON.stringify(body), /ibdata1|PG_VERSION/)
    }
  }
  await until('the set of the box', async () => (await setsOf(box, 'summoner'))[0]?.state === 'good')
})

await t.test('what cannot be shared is refused by name and line', async (t) => {
  const { status, body } = await box.api<{ code: string; detail: string }>('POST', '/minions', {
    template: 'wekan',
    database: 'shared',
  })
  t.equal(status, 422)
  t.match(body, { code: 'database.unshared', detail: /mongodb, which cannot be shared/ })
  wish({ ...both('shared'), boards: { template: 'wekan', database: 'shared' } })
  const plan = await box.api<{ warnings: string[] }>('GET', '/config/plan')
  const line =
    readFileSync(box.configFile, 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('boards')) + 1
  t.match(plan.body.warnings.join(), new RegExp(`boards: .*mongodb.*config.yml:${line}:\\d+`))
  const { code, stderr } = await box.cli(['add', 'ledger', '--name', 'databases-mine'])
  t.not(code, 0)
  t.match(stderr, /name of the box itself/)
  wish(both('shared'))
})

await t.test(
  'a dismissed minion’s database stays, or goes with its data; the server goes with the last',
  async (t) => {
    for (const { template, server, service } of KINDS) {
      const [a, b] = [`${template}-a`, `${template}-b`]
      const before = await rows(a, template)
      succeeded(t, [await box.run('DELETE', `/minions/${a}`)])
      t.strictSame(await tenants(server), [`${a} kept`, `${b} used`])
      succeeded(t, [await box.run('POST', '/minions', { template, name: a, database: 'shared' })])
      t.equal(await rows(a, template), before, 'and is found again')
      succeeded(t, [await box.run('DELETE', `/minions/${a}?purge=true`)])
      t.strictSame(await tenants(server), [`${b} used`])
      const refused = await box.run('DELETE', `/minions/${server}`)
      t.match(refused.problem, { code: 'database.used', detail: new RegExp(b) })
      succeeded(t, [await box.run('DELETE', `/minions/${b}`)])
      await until(`${server} goes`, async () => (await containerOf(server, service)) === undefined)
      t.ok(existsSync(join(box.data, 'volumes/database', server)), 'its folder stays')
    }
    await until('no server is listed', async () => (await servers()).length === 0)
    const { stdout } = await box.cli(['databases'])
    t.match(stdout, /No shared database servers/)
    t.strictSame(await rig.tasks(), [])
  },
)
