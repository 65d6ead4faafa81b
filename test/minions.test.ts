import t from 'tap'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../server/events/event.ts'
import type { Job } from '../server/jobs/job.ts'
import type { Plan } from '../server/minions/plan.ts'
import { createBox, engine, type Box } from './box.ts'

const box: Box = await createBox()
t.teardown(() => box.remove())
const web = box.name('web')
const host = `${web}.${box.domain}`
const containers = async () => engine.listContainers({ labels: [`io.summoner.box=${box.boxId()}`] })
const succeeded = (job: Job) =>
  t.equal(job.state, 'succeeded', `${job.kind} ${job.minion}: ${JSON.stringify(job.problem)}`)
const plan = async () => (await box.api<Plan>('GET', '/config/plan')).body
const waitFor = async (condition: () => Promise<boolean>, what: string) => {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition()) return
    await sleep(100)
  }
  t.fail(`never happened: ${what}`)
}

t.test('add: the first minion brings the proxy along and answers over HTTPS', async (t) => {
  succeeded(
    await box.run('POST', '/minions', {
      template: 'hello',
      name: web,
      env: { GREETING: 'It\'s $HOME & "co"' },
    }),
  )
  const page = await box.visit(host)
  t.equal(page.status, 200)
  t.match(page.body, `<h1>It's $HOME & "co"</h1>`)
  const plain = await box.visit(host, '/x?y=1', { plain: true })
  t.equal(plain.status, 301)
  t.equal(plain.headers['location'], `https://${host}:${box.httpsPort}/x?y=1`)
  t.match(await box.minion(web), { status: 'running', desired: 'running', pending: false, drift: [] })
  t.match(readFileSync(box.configFile, 'utf8'), `name: ${web}`)
})

t.test('names, labels and limits are the contract of the design', async (t) => {
  const found = (await containers()).find(({ labels }) => labels['io.summoner.minion'] === web)
  t.equal(found?.name, `${web}-${box.domain}`)
  t.equal(found?.restartPolicy, 'unless-stopped')
  t.equal(found?.memoryLimit, 32 * 1024 * 1024)
  t.match(found?.labels['io.summoner.config-hash'], /^[0-9a-f]{64}$/)
  const dir = join(box.data, 'minions', web)
  t.equal(statSync(join(dir, '.env')).mode & 0o777, 0o600)
  t.equal(statSync(dir).mode & 0o777, 0o700)
})

t.test('the first administrator is made once and shown to administrators only', async (t) => {
  const { body } = await box.api<{ admin: { user: string; password: string; url: string } }>(
    'GET',
    `/minions/${web}/secrets`,
  )
  t.match(body.admin, {
    user: 'admin',
    password: /^[A-Za-z0-9]{24}$/,
    url: `https://${host}:${box.httpsPort}/admin`,
  })
  t.match((await box.visit(host, '/admin.txt')).body, '24 characters')
  const jobs = JSON.stringify((await box.api('GET', '/jobs')).body)
  t.notMatch(jobs, body.admin.password)
})

t.test('apply with nothing to change touches nothing', async (t) => {
  const before = await containers()
  const generations = () => readdirSync(join(box.data, 'proxy/generations')).sort()
  const trees = generations()
  const env = statSync(join(box.data, 'minions', web, '.env')).mtimeMs
  t.same(await box.apply(), [])
  t.same(await containers(), before)
  t.same(generations(), trees)
  t.equal(statSync(join(box.data, 'minions', web, '.env')).mtimeMs, env)
})

t.test('a hand edit is pending until it is applied, and then only that changes', async (t) => {
  const text = readFileSync(box.configFile, 'utf8')
  writeFileSync(box.configFile, text.replace('$HOME', 'changed by hand'))
  t.match(await plan(), { changes: [{ action: '~', minion: web, reasons: ['env GREETING'], asks: false }] })
  t.match((await box.visit(host)).body, '$HOME', 'nothing happens before apply')
  const [job] = await box.apply()
  succeeded(job!)
  t.match((await box.visit(host)).body, 'changed by hand')
  t.same((await plan()).changes, [])
})

t.test('an invalid hand edit is told with line and column; nothing else stops working', async (t) => {
  const text = readFileSync(box.configFile, 'utf8')
  writeFileSync(box.configFile, text.replace('template: hello', 'tempalte: hello'))
  const answer = await box.api<{ code: string; line: number; errors: { detail: string }[] }>(
    'GET',
    '/config/plan',
  )
  t.equal(answer.status, 409)
  t.equal(answer.body.code, 'config.invalid')
  t.type(answer.body.line, 'number')
  t.match(JSON.stringify(answer.body), 'template', 'a suggestion')
  t.equal((await box.visit(host)).status, 200)
  t.equal((await box.api('POST', '/minions', { template: 'hello', name: box.name('no') })).status, 409)
  writeFileSync(box.configFile, text)
})

t.test('stop, the friendly page, start', async (t) => {
  succeeded(await box.run('POST', `/minions/${web}/stop`))
  t.match(readFileSync(box.configFile, 'utf8'), 'state: stopped')
  t.match(await box.minion(web), { status: 'stopped', desired: 'stopped' })
  const page = await box.visit(host, '/', { headers: { 'accept-language': 'fr' } })
  t.equal(page.status, 503)
  t.match(page.body, /lang="fr"/)
  t.same((await plan()).changes, [], 'stopped survives apply')
  succeeded(await box.run('POST', `/minions/${web}/start`))
  t.equal((await box.visit(host)).status, 200)
})

t.test('restart', async (t) => {
  const before = (await containers()).find(({ service }) => service === 'hello')?.startedAt
  succeeded(await box.run('POST', `/minions/${web}/restart`))
  t.not((await containers()).find(({ service }) => service === 'hello')?.startedAt, before)
  t.equal((await box.visit(host)).status, 200)
})

t.test('logs, stats, jobs and events', async (t) => {
  const { body: logs } = await box.api<{ lines: unknown[] }>('GET', `/minions/${web}/logs?tail=10`)
  t.type(logs.lines.length, 'number')
  t.match(await box.api('GET', `/minions/${web}/logs?service=nobody`), {
    status: 422,
    body: { code: 'input.invalid', detail: /no container of "nobody"/, hint: /There are: / },
  })
  const { body: stats } = await box.api<{ memory: number }[]>('GET', `/minions/${web}/stats`)
  t.ok((stats[0]?.memory ?? 0) > 0)
  const { body } = await box.api<{ events: Event[] }>('GET', `/events?minion=${web}`)
  t.ok(body.events.some(({ type }) => type === 'minion.summoned'))
})

t.test('a change made by hand to a container is drift, and apply repairs it', async (t) => {
  execFileSync('docker', ['update', '--memory', '64m', '--memory-swap', '64m', `${web}-${box.domain}`])
  await waitFor(async () => (await box.minion(web)).drift.length > 0, 'drift is seen')
  t.match((await box.minion(web)).drift, [/changed by hand: memory/])
  t.match((await plan()).changes, [{ action: '~', minion: web }])
  for (const job of await box.apply()) succeeded(job)
  t.same((await box.minion(web)).drift, [])
  t.equal((await containers()).find(({ service }) => service === 'hello')?.memoryLimit, 32 * 1024 * 1024)
})

t.test('a container that was removed by hand comes back with apply', async (t) => {
  await engine.remove(`${web}-${box.domain}`)
  await waitFor(
    async () => (await box.minion(web)).status === 'failed' || (await box.minion(web)).status === 'absent',
    'it is missed',
  )
  for (const job of await box.apply()) succeeded(job)
  t.equal((await box.visit(host)).status, 200)
})

t.test('a second minion of the same template', async (t) => {
  const twin = box.name('twin')
  const { stdout, code, stderr } = await box.cli(['add', 'hello', '--name', twin, '--subdomain', 'zwei'])
  t.equal(code, 0, stderr)
  t.match(stdout, `https://zwei.${box.domain}`)
  t.equal((await box.visit(`zwei.${box.domain}`)).status, 200)
  t.equal(
    (await box.api('POST', '/minions', { template: 'hello', name: box.name('third'), subdomain: 'zwei' }))
      .status,
    409,
  )
  t.equal((await box.api('POST', '/minions', { template: 'hello', name: twin })).status, 409)
})

t.test(
  'a change of sub-domain asks, rewrites inside the application, and the old name redirects',
  async (t) => {
    const text = readFileSync(box.configFile, 'utf8')
    writeFileSync(box.configFile, text.replace('subdomain: zwei', 'subdomain: drei'))
    t.match(await plan(), {
      changes: [{ action: '~', reasons: [`zwei.${box.domain} -> drei.${box.domain}`], asks: true }],
    })
    t.match(await box.api('POST', '/config/apply', {}), { status: 409, body: { code: 'plan.confirm' } })
    for (const job of await box.apply()) succeeded(job)
    const port = box.httpsPort
    t.match(
      (await box.visit(`drei.${box.domain}`, '/renamed.txt')).body,
      `https://zwei.${box.domain}:${port} -> https://drei.${box.domain}:${port}`,
    )
    const old = await box.visit(`zwei.${box.domain}`, '/page')
    t.match(String(old.status), /^30[178]$/)
    t.equal(old.headers['location'], `https://drei.${box.domain}:${port}/page`)
  },
)

t.test('dismiss keeps data and secrets; summoning again finds them', async (t) => {
  const secret = async () =>
    (await box.api<{ admin: { password: string } }>('GET', `/minions/${web}/secrets`)).body.admin.password
  const before = await secret()
  const data = join(box.data, 'volumes', web, 'www/kept.txt')
  writeFileSync(data, 'precious')
  succeeded(await box.run('DELETE', `/minions/${web}`))
  t.ok(existsSync(data))
  t.notMatch(readFileSync(box.configFile, 'utf8'), web)
  t.equal((await containers()).filter(({ labels }) => labels['io.summoner.minion'] === web).length, 0)
  t.equal((await box.api('GET', `/minions/${web}`)).status, 404)
  await t.rejects(box.visit(host), 'an unknown host gets no certificate')
  succeeded(await box.run('POST', '/minions', { template: 'hello', name: web }))
  t.equal((await box.visit(host, '/kept.txt')).body, 'precious')
  t.equal(await secret(), before)
})

t.test('purge deletes after a final archive', async (t) => {
  succeeded(await box.run('DELETE', `/minions/${web}?purge=true`))
  t.notOk(existsSync(join(box.data, 'volumes', web)))
  t.notOk(existsSync(join(box.data, 'minions', web)))
  const [archive] = readdirSync(join(box.data, 'backups/archives'))
  const listed = execFileSync('tar', ['-tzf', join(box.data, 'backups/archives', archive!)], {
    encoding: 'utf8',
  })
  t.match(listed, /volumes\/www\/kept\.txt/)
  t.match(listed, /instance\/\.env/)
})

t.test('nginx cannot be removed, and a restarted daemon finds everything as it was', async (t) => {
  t.match(await box.api('DELETE', '/minions/nginx'), { status: 409, body: { code: 'minion.required' } })
  const before = await containers()
  await box.kill('SIGTERM')
  await box.boot()
  await sleep(500)
  t.same(
    (await containers()).map(({ id, startedAt }) => [id, startedAt]).sort(),
    before.map(({ id, startedAt }) => [id, startedAt]).sort(),
  )
  t.equal((await box.visit(`drei.${box.domain}`)).status, 200)
})
