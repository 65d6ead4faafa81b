/**
 * Sets of minions on shared servers: proven by a server of their own, restored beside what runs, cloned, and moves of a
 * database under a daemon that is killed at random instants. ROUNDS=4 takes a part, SEED=… repeats a run.
 */
import t from 'tap'
import { setOf } from '../backup-box.ts'
import { randomOf } from '../kill-rounds.ts'
import { createSharedRig, killedMove, KINDS, succeededAll as succeeded } from '../shared-rig.ts'

t.setTimeout(0)
const ROUNDS = Number(process.env['ROUNDS'] ?? 40)
const KILLS = 2

const rig = await createSharedRig()
const { box, ask, rows, wish, tenants } = rig
t.teardown(() => box.remove())

const all = (change: Record<string, string> = {}) =>
  Object.fromEntries(
    KINDS.flatMap(({ template }) =>
      ['a', 'b'].map((name) => {
        const minion = `${template}-${name}`
        return [minion, { template, database: change[minion] ?? 'shared' }]
      }),
    ),
  )

await t.test('two minions of each engine', async (t) => {
  await box.boot()
  wish(all())
  succeeded(t, await box.apply())
  for (const { template } of KINDS)
    for (const name of ['a', 'b'])
      await ask(
        `${template}-${name}`,
        template,
        `INSERT INTO entries VALUES (1, 'it''s ${name}'), (2, 'é ☃')`,
      )
})

await t.test('a set is proven by a server of its own, and restored beside what runs', async (t) => {
  for (const { template, server } of KINDS) {
    const [minion, other] = [`${template}-a`, `${template}-b`]
    const before = await rows(minion, template)
    const id = setOf(await box.run('POST', `/minions/${minion}/backup`, {}))
    const proof = await box.run('POST', `/backups/${id}/prove`)
    succeeded(t, [proof])
    t.match(proof.result, { passed: true, checks: [{ passed: true }] })
    await ask(minion, template, "DELETE FROM entries; INSERT INTO entries VALUES (77, 'lost')")
    await ask(other, template, "INSERT INTO entries VALUES (60, 'since then')")
    succeeded(t, [await box.run('POST', `/backups/${id}/restore`, {})])
    t.equal(await rows(minion, template), before)
    t.match(await rows(other, template), /since then/)
    t.strictSame(await tenants(server), [`${minion} used`, `${other} used`], 'one database each')
    t.strictSame(await rig.tasks(), [])
  }
})

await t.test('a clone has a copy of its own', async (t) => {
  for (const { template, server } of KINDS) {
    const [minion, clone] = [`${template}-a`, `${template}-copy`]
    const id = setOf(await box.run('POST', `/minions/${minion}/backup`, {}))
    succeeded(t, [await box.run('POST', `/backups/${id}/restore`, { as: clone })])
    t.equal(await rows(clone, template), await rows(minion, template))
    t.equal((await box.minion(clone)).database?.name, `app_${template}_copy`)
    await ask(clone, template, 'DELETE FROM entries')
    t.match(await rows(minion, template), /it's a/)
    succeeded(t, [await box.run('DELETE', `/minions/${clone}?purge=true`)])
    t.strictSame(await tenants(server), [`${minion} used`, `${template}-b used`])
  }
})

await t.test(`a daemon that is killed while a database moves loses no row, ${ROUNDS} moves`, async (t) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6))
  t.comment(`SEED=${seed}`)
  const random = randomOf(seed)
  const seen = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++) {
    const { template, server } = KINDS[round % 2]!
    const [minion, other] = [`${template}-a`, `${template}-b`]
    const database = Math.floor(round / 2) % 2 === 0 ? 'dedicated' : 'shared'
    const before = await rows(minion, template)
    wish(all({ 'ledger-a': database, 'register-a': round % 2 === 0 ? flipped(database) : database }))
    const { job, kills, steps } = await killedMove(box, minion, random, KILLS)
    for (const step of steps) seen.set(step, (seen.get(step) ?? 0) + 1)
    const how = `${minion} to ${database}, killed after ${kills.join()} ms in ${steps.join()}`
    t.equal(job.state, 'succeeded', `${how}: ${JSON.stringify(job.problem)}`)
    t.equal(await rows(minion, template), before, how)
    t.equal((await box.minion(minion)).database === undefined, database === 'dedicated')
    const used = [`${minion} used`, `${other} used`]
    t.strictSame(await tenants(server), database === 'dedicated' ? used.slice(1) : used)
    t.strictSame(await rig.tasks(), [], 'no container is left')
    await ask(minion, template, `INSERT INTO entries VALUES (${200 + round}, 'round')`)
  }
  t.comment(`kills by step: ${JSON.stringify(Object.fromEntries(seen))}`)
})

/** The minions of the two engines move in turns: what the other one was told last still holds. */
function flipped(database: string): string {
  return database === 'shared' ? 'dedicated' : 'shared'
}
