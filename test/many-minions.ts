/** Many minions on one engine: subnets, health, pages, an apply that touches nothing, and all of them gone again. */
import type { Test } from 'tap'
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../server/jobs/job.ts'
import type { Minion } from '../server/minions/minion.ts'
import type { Plan } from '../server/minions/plan.ts'
import { createBox, engine } from './box.ts'

export async function manyMinions(t: Test, count: number): Promise<void> {
  const box = await createBox({ boot: false })
  t.teardown(() => box.remove())
  const names = Array.from({ length: count }, (_, index) => box.name(`m${index}`))
  const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`
  const containers = () => engine.listContainers({ labels: [`io.summoner.box=${box.boxId()}`] })
  const memory = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${box.pid()}/status`, 'utf8'))?.[1]) / 1024

  /** Every file of the box with its time of change, so that "touched" can be seen. */
  function touched(): string[] {
    return ['minions', 'proxy', 'certificates', 'state/minions'].flatMap((folder) =>
      readdirSync(join(box.data, folder), { recursive: true, encoding: 'utf8' })
        .sort()
        .map((path) => `${folder}/${path} ${statSync(join(box.data, folder, path)).mtimeMs}`),
    )
  }

  await t.test(`${count} minions on one engine`, async (t) => {
    // the leanest that the engine can watch: 60 checks a second would keep a small machine busy with nothing else
    const compose = join(box.dir, 'minions/hello/compose.yml')
    writeFileSync(compose, readFileSync(compose, 'utf8').replace('interval: 1s', 'interval: 5s'))
    const text = readFileSync(box.configFile, 'utf8')
    const entries = names.map((name) => `{name: ${name}, template: hello}`)
    writeFileSync(box.configFile, text.replace('applications: []', `applications: [${entries.join(', ')}]`))
    await box.boot()
    const began = Date.now()
    const { status, body } = await box.api<{ jobs: Job[] }>('POST', '/config/apply', { yes: true })
    t.equal(status, 202, JSON.stringify(body).slice(0, 500))
    for (const { id } of body.jobs) {
      const job = await box.ended(id)
      if (job.state !== 'succeeded') t.fail(`${job.minion}: ${JSON.stringify(job.problem)}`)
    }
    t.comment(`all summoned after ${seconds(began)}`)
    t.equal(body.jobs.length, count + 1, 'and the proxy')

    const { minions } = (await box.api<{ minions: Minion[] }>('GET', '/minions')).body
    t.same(
      minions.filter((minion) => minion.status !== 'running').map(({ name, reason }) => `${name}: ${reason}`),
      [],
      'all run',
    )
    const wrong: string[] = []
    const asked = Date.now()
    for (const name of names) {
      const answer = await box.visit(`${name}.${box.domain}`)
      if (answer.status !== 200 || !answer.body.includes(`https://${name}.`))
        wrong.push(`${name}: ${answer.status}`)
    }
    t.same(wrong, [], 'each answers with its own page')
    t.comment(`${count} pages in ${seconds(asked)}`)

    const networks = (await engine.listNetworks()).filter(({ name }) =>
      names.some((own) => name.includes(`-${own}_`)),
    )
    t.equal(networks.length, count)
    t.equal(new Set(networks.flatMap(({ subnets }) => subnets)).size, count, 'a subnet of its own each')
  })

  await t.test('apply with nothing to change touches nothing', async (t) => {
    const before = { containers: await containers(), files: touched() }
    const began = Date.now()
    t.same(await box.apply(), [])
    t.comment(`apply with nothing to change: ${seconds(began)}`)
    const { body } = await box.api<Plan>('GET', '/config/plan')
    t.match(body, { changes: [], warnings: [] })
    const identity = (list: Awaited<ReturnType<typeof containers>>) =>
      list.map(({ id, startedAt }) => `${id} ${startedAt}`).sort()
    t.same(identity(await containers()), identity(before.containers))
    t.same(touched(), before.files)
    t.comment(`daemon: ${memory().toFixed(0)} MB`)
    t.ok(memory() < 300, 'memory of the daemon is bounded')
  })

  await t.test('all of them go', async (t) => {
    const began = Date.now()
    const text = readFileSync(box.configFile, 'utf8')
    writeFileSync(box.configFile, text.replace(/applications: \[.*\]/, 'applications: []'))
    const jobs = await box.apply()
    t.same(
      jobs.filter(({ state }) => state !== 'succeeded'),
      [],
    )
    t.comment(`all dismissed after ${seconds(began)}`)
    t.equal((await containers()).length, 1, 'the proxy stays')
    t.same(
      (await engine.listNetworks()).filter(({ name }) => names.some((own) => name.includes(`-${own}_`))),
      [],
    )
  })
}
