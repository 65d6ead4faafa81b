/** Proofs on the real engine: WordPress with its database, and a copy that does not work. */
import t from 'tap'
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BackupSet } from '../server/backups/set.ts'
import type { Event } from '../server/events/event.ts'
import { failed, succeeded } from './aftermath.ts'
import { backUp, createBackupBox, setsOf } from './backup-box.ts'
import { engine } from './box.ts'

const box = await createBackupBox()
t.teardown(() => box.remove())
const blog = box.name('blog')
const web = box.name('web')

/** Containers, networks and folders that only a proof makes. */
async function traces(): Promise<string[]> {
  const containers = await engine.listContainers({
    labels: [`io.summoner.box=${box.boxId()}`, 'io.summoner.kind=task'],
  })
  const networks = (await engine.listNetworks()).filter(({ name }) => name.includes(`proof-${blog}`))
  const folders = readdirSync(join(box.data, 'volumes')).filter((name) => name.startsWith('.proof'))
  return [...containers.map(({ name }) => name), ...networks.map(({ name }) => name), ...folders]
}

t.test('WordPress: saved at rest, restored beside itself, judged, deleted', async (t) => {
  succeeded(t, await box.run('POST', '/minions', { template: 'wordpress', name: blog }))
  const set = await backUp(box, blog)
  t.match(set, { state: 'good', stopped: true })
  t.equal((await box.visit(`${blog}.${box.domain}`)).status, 200)
  const watched: boolean[] = []
  const watch = setInterval(
    () =>
      void engine.listNetworks().then((networks) => {
        const own = networks.filter(({ name }) => name.includes(`proof-${blog}`))
        for (const { name } of own)
          watched.push(
            execFileSync('docker', ['network', 'inspect', '-f', '{{.Internal}}', name], {
              encoding: 'utf8',
            }).trim() === 'true',
          )
      }),
    1_000,
  )
  const job = await box.run('POST', `/backups/${set.id}/prove`)
  clearInterval(watch)
  succeeded(t, job)
  t.ok(watched.length > 0 && watched.every(Boolean), 'its network has no way out')
  const { body } = await box.api<BackupSet>('GET', `/backups/${set.id}`)
  t.equal(body.proof?.passed, true)
  t.equal(body.proof?.checks.length, 4, JSON.stringify(body.proof))
  t.ok((body.proof?.rtoMs ?? 0) > 0 && (body.proof?.rpoMs ?? 0) > 0)
  t.same(await traces(), [])
  t.equal((await box.visit(`${blog}.${box.domain}`)).status, 200, 'the real one never noticed')
  t.match((await box.cli(['backups', blog])).stdout, /✔ good +✔ \d+ s ago/)
})

t.test('a copy that does not work outranks the green backup that made it', async (t) => {
  succeeded(t, await box.run('POST', '/minions', { template: 'hello', name: web }))
  const start = join(box.data, 'minions', web, 'setup/start.sh')
  const script = readFileSync(start, 'utf8')
  const early = await box.cli(['prove', web])
  t.equal(early.code, 1)
  t.match(early.stderr, new RegExp(`no good backup set[\\s\\S]*summoner backup ${web}`))
  const good = await backUp(box, web)
  succeeded(t, await box.run('POST', `/backups/${good.id}/prove`))
  writeFileSync(start, script.replace(/^(?=[^#])/m, 'exit 7\n'))
  const set = await backUp(box, web)
  t.equal(set.state, 'good')
  writeFileSync(start, script)
  failed(t, await box.run('POST', `/backups/${set.id}/prove`), 'proof.failed', /code 7/)
  t.match((await setsOf(box, web))[0], {
    id: set.id,
    state: 'good',
    proof: { passed: false, problem: /code 7/ },
  })
  t.match((await box.cli(['backups', web])).stdout, new RegExp(`${set.id} +✖ failed`))
  const { body } = await box.api<{ events: Event[] }>('GET', `/events?minion=${web}&type=proof.failed`)
  t.equal(body.events.length, 1)
  t.same(await traces(), [])
})

t.test('files are what they were', async (t) => {
  const rests = box.name('rests')
  succeeded(t, await box.run('POST', '/minions', { template: 'resting', name: rests }))
  const set = await backUp(box, rests)
  const proof = await box.run('POST', `/backups/${set.id}/prove`)
  succeeded(t, proof)
  t.match((proof.result as BackupSet['proof'])?.checks.at(0), {
    what: '/www/index.html',
    said: /^[0-9a-f]{12}$/,
  })
})

t.test('the proxy cannot run beside itself, and that says nothing about its set', async (t) => {
  const set = await backUp(box, 'nginx')
  failed(t, await box.run('POST', `/backups/${set.id}/prove`), 'proof.impossible')
  t.equal((await setsOf(box, 'nginx'))[0]?.proof, undefined)
})
