/**
 * Minions of a shared database server elsewhere: one as a bundle on another box, all of them on a new server that has
 * only a destination and the recovery sheet. Each time the server comes first, by itself, and has nothing of its own to bring.
 */
import t from 'tap'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BackupSet } from '../../server/backups/set.ts'
import type { Job } from '../../server/jobs/job.ts'
import { until } from '../aftermath.ts'
import { setsOf } from '../backup-box.ts'
import { becomes } from '../destinations-rig.ts'
import { loseBox, recoverBox } from '../lost-box.ts'
import { createSharedRig, KINDS, succeededAll as succeeded } from '../shared-rig.ts'

t.setTimeout(0)
const far = mkdtempSync(join(tmpdir(), 'summoner-far-'))
t.teardown(() => rmSync(far, { recursive: true, force: true }))
const copies = join(far, 'kit')
mkdirSync(copies)
const [one, other] = [await createSharedRig(), await createSharedRig()]
t.teardown(() => Promise.all([one.box.remove(), other.box.remove()]))
const { box } = one
box.configure(
  `  backups:\n    dump: "off"\n    cold: "off"\n    prove: "off"\n    destinations:\n      - {name: disk, to: ${copies}}\n`,
)

const MINIONS = KINDS.flatMap(({ template, server }) =>
  ['a', 'b'].map((name) => ({ name: `${template}-${name}`, template, server })),
)
const before = new Map<string, string>()

await t.test('two minions of each engine, saved and copied to a destination', async (t) => {
  await box.boot()
  one.wish(Object.fromEntries(MINIONS.map(({ name, template }) => [name, { template, database: 'shared' }])))
  succeeded(t, await box.apply())
  for (const { name, template } of MINIONS) {
    await one.ask(name, template, `INSERT INTO entries VALUES (1, 'it''s ${name}'), (2, 'é ☃')`)
    before.set(name, await one.rows(name, template))
  }
  const { code, stderr } = await box.cli(['backup'])
  t.equal(code, 0, stderr)
  await until('the set of the box', async () => (await setsOf(box, 'summoner'))[0]?.state === 'good')
  const { sets } = await becomes(box, 'disk', 'ok')
  t.equal(sets, MINIONS.length + 2, 'each minion, nginx and the box; no server')
})

await t.test('a bundle brings its minion to a box where no server is yet', async (t) => {
  await other.box.boot()
  for (const { name, template, server } of MINIONS.filter(({ name }) => name.endsWith('-a'))) {
    const made = await box.cli(['bundle', 'create', name, '--json'])
    t.equal(made.code, 0, made.stderr)
    const { path, password } = JSON.parse(made.stdout) as { path: string; password: string; job: Job }
    const taken = await other.box.cli(['bundle', 'restore', path, '--yes'], `${password}\n`)
    t.equal(taken.code, 0, `${taken.stdout}\n${taken.stderr}`)
    t.equal(await other.rows(name, template), before.get(name))
    t.strictSame(await other.tenants(server), [`${name} used`])
    const clone = `${template}-clone`
    const cloned = await other.box.cli(['bundle', 'restore', path, '--as', clone, '--yes'], `${password}\n`)
    t.equal(cloned.code, 0, cloned.stderr)
    t.equal(await other.rows(clone, template), before.get(name))
    t.strictSame(await other.tenants(server), [`${name} used`, `${clone} used`])
  }
  const { body } = await other.box.api<{ changes: object[] }>('GET', '/config/plan')
  t.strictSame(body.changes, [])
})

let password = ''
await t.test('the server is lost, all but the sheet', async (t) => {
  password = await loseBox(t, box)
})

await t.test('a new one becomes it: the servers first, then who lives on them', async (t) => {
  await recoverBox(t, box, copies, password)
  for (const { name, template } of MINIONS) t.equal(await one.rows(name, template), before.get(name), name)
  for (const { template, server } of KINDS)
    t.strictSame(await one.tenants(server), [`${template}-a used`, `${template}-b used`])
  const { body } = await box.api<{ changes: object[]; warnings: string[] }>('GET', '/config/plan')
  t.strictSame([...body.changes, ...body.warnings], [])
})

await t.test('and proves what it has', async (t) => {
  for (const { name } of MINIONS) {
    const { code, stderr } = await box.cli(['prove', name])
    t.equal(code, 0, stderr)
  }
  const { sets } = JSON.parse((await box.cli(['backups', '--json'])).stdout) as { sets: BackupSet[] }
  for (const { name } of MINIONS)
    t.match(
      sets.find(({ minion, state }) => minion === name && state === 'good')?.proof,
      { passed: true },
      name,
    )
  t.equal((await box.cli(['backup'])).code, 0, 'and is saved again')
})
