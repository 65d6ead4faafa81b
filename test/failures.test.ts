import t from 'tap'
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import type { Event } from '../server/events/event.ts'
import type { Job } from '../server/jobs/job.ts'
import type { Plan } from '../server/minions/plan.ts'
import type { Problem } from '../server/errors.ts'
import { failed, remains, saysClearly, serves, succeeded, until } from './aftermath.ts'
import { createBox, engine } from './box.ts'

const box = await createBox()
t.teardown(() => box.remove())
const neighbour = box.name('neighbour')
const add = (name: string, more: Record<string, unknown> = {}) =>
  box.run('POST', '/minions', { template: 'hello', name, ...more })
const rewrite = (from: string | RegExp, to: string) =>
  writeFileSync(box.configFile, readFileSync(box.configFile, 'utf8').replace(from, to))
const applyOne = async (name: string): Promise<Job> => {
  const { status, body } = await box.api<{ jobs: Job[] }>('POST', '/config/apply', {
    yes: true,
    only: [name],
  })
  if (status !== 202 || !body.jobs[0]) throw new Error(`apply answered ${status}: ${JSON.stringify(body)}`)
  return box.ended(body.jobs[0].id)
}
const events = async (minion: string, type: string) =>
  (await box.api<{ events: Event[] }>('GET', `/events?minion=${minion}&type=${type}`)).body.events

const sick = box.name('sick')
const looping = box.name('looping')
const startScript = join(box.data, 'minions', looping, 'setup/start.sh')
let goodScript = ''
let sickJob = ''

t.test('a neighbour; and what takes long begins now and is looked at below', async (t) => {
  succeeded(t, await add(neighbour))
  const { body } = await box.api<{ job: Job }>('POST', '/minions', {
    template: 'hello',
    name: sick,
    env: { MODE: 'sick' },
  })
  sickJob = body.job.id
  succeeded(t, await add(looping))
  goodScript = readFileSync(startScript, 'utf8')
  writeFileSync(startScript, `exit 9\n${goodScript}`)
  await engine.execIn(`${looping}-${box.domain}`, ['busybox', 'kill', '1'])
  t.ok(await serves(box, neighbour), 'the neighbour serves')
})

t.test('a container that crash-loops from the first moment', async (t) => {
  const name = box.name('crash')
  failed(
    t,
    await add(name, { env: { MODE: 'crash' } }),
    'minion.crashing',
    /restarted 3 times.*told to crash/s,
  )
  t.same(await remains(box, name), [], 'nothing is left')
  t.match(await box.minion(name), { status: 'failed', desired: 'running', reason: /told to crash/ })
  rewrite('MODE: crash', 'MODE: good')
  succeeded(t, await applyOne(name))
  t.ok(await serves(box, name))
  succeeded(t, await box.run('DELETE', `/minions/${name}`))
  t.ok(await serves(box, neighbour), 'the neighbour serves')
})

t.test('an image that cannot be had', async (t) => {
  const name = box.name('image')
  failed(t, await add(name, { images: 'registry' }), 'image.unavailable', /registry\.invalid/)
  t.same(await remains(box, name), [], 'nothing is left')
  t.match(await box.minion(name), { status: 'failed', reason: /registry\.invalid/ })
  succeeded(t, await box.run('DELETE', `/minions/${name}?purge=true`))
  succeeded(t, await add(name))
  succeeded(t, await box.run('DELETE', `/minions/${name}`))
  t.ok(await serves(box, neighbour), 'the neighbour serves')
})

t.test('a template that is broken leaves the others alone', async (t) => {
  const minions = join(box.dir, 'minions')
  cpSync(join(minions, 'hello'), join(minions, 'broken'), { recursive: true })
  writeFileSync(join(minions, 'broken/minion.yml'), 'name: broken\nsumary: {en: x\n')
  const { status, body } = await box.api<Problem>('POST', '/minions', { template: 'broken' })
  t.equal(status, 422)
  saysClearly(t, body, 'template.invalid')
  t.type(body.line ?? body.errors?.[0]?.line, 'number', 'it names the line')
  const { body: templates } = await box.api<object>('GET', '/templates')
  t.ok(JSON.stringify(templates).includes('"hello"'), 'the others are listed')

  const compose = join(minions, 'hello/compose.yml')
  const good = readFileSync(compose, 'utf8')
  writeFileSync(compose, 'services: [')
  const { body: plan } = await box.api<Plan>('GET', '/config/plan')
  t.match(plan.warnings.join('\n'), neighbour, 'the plan warns')
  t.equal((await box.api('GET', '/minions')).status, 200)
  t.match((await box.minion(neighbour)).reason, /"hello" is not valid/)
  t.ok(await serves(box, neighbour), 'what runs goes on')
  writeFileSync(compose, good)
  rmSync(join(minions, 'broken'), { recursive: true })
  t.same((await box.api<Plan>('GET', '/config/plan')).body.warnings, [])
  t.equal((await box.minion(neighbour)).status, 'running')
  t.ok(await serves(box, neighbour), 'the neighbour serves')
})

t.test('a change that fails goes back to what ran before', async (t) => {
  const name = box.name('change')
  succeeded(t, await add(name, { env: { GREETING: 'first' } }))
  rewrite(/GREETING: "?first"?/, 'GREETING: second, MODE: crash')
  failed(t, await applyOne(name), 'minion.crashing', /told to crash/)
  t.match((await box.visit(`${name}.${box.domain}`)).body, 'first', 'it serves again')
  t.match(readFileSync(join(box.data, 'minions', name, '.env'), 'utf8'), 'first')
  t.match(await box.minion(name), { pending: true })
  rewrite(', MODE: crash', '')
  succeeded(t, await applyOne(name))
  t.match((await box.visit(`${name}.${box.domain}`)).body, 'second')
  succeeded(t, await box.run('DELETE', `/minions/${name}`))
  t.ok(await serves(box, neighbour), 'the neighbour serves')
})

t.test('a job that is cancelled in the middle', async (t) => {
  const name = box.name('cancel')
  const { body } = await box.api<{ job: Job }>('POST', '/minions', {
    template: 'hello',
    name,
    env: { MODE: 'sick' },
  })
  await until('it waits for health', async () =>
    (await box.api<Job>('GET', `/jobs/${body.job.id}`)).body.steps.some(
      (step) => step.name === 'healthy' && step.state === 'running',
    ),
  )
  t.equal((await box.api('POST', `/jobs/${body.job.id}/cancel`)).status, 202)
  const job = await box.ended(body.job.id)
  t.equal(job.state, 'cancelled')
  saysClearly(t, job.problem, 'job.cancelled')
  t.same(await remains(box, name), [], 'nothing is left')
  t.match(await box.api('POST', `/jobs/${body.job.id}/cancel`), {
    status: 409,
    body: { code: 'job.finished' },
  })
  rewrite(new RegExp(`(name: ${name},[^}]*MODE: )sick`), '$1good')
  succeeded(t, await applyOne(name))
  t.ok(await serves(box, name))
  succeeded(t, await box.run('DELETE', `/minions/${name}`))
  t.ok(await serves(box, neighbour), 'the neighbour serves')
})

t.test('a foreign container with VIRTUAL_HOST is served, and vanishes with it', async (t) => {
  const host = `foreign.${box.domain}`
  const image = (await engine.inspect(`${neighbour}-${box.domain}`)).image
  const name = box.name('foreign')
  t.teardown(() => engine.remove(name).catch(() => {}))
  execFileSync('docker', [
    'run',
    '--detach',
    '--name',
    name,
    '--env',
    `VIRTUAL_HOST=${host}`,
    '--env',
    'VIRTUAL_PORT=8080',
    image,
    'busybox',
    'httpd',
    '-f',
    '-p',
    '8080',
    '-h',
    '/etc',
  ])
  const page = () => box.visit(host, '/hostname').catch(() => undefined)
  await until('it is served', async () => (await page())?.status === 200)
  await engine.remove(name)
  await until('it is gone', async () => (await page()) === undefined)
  t.pass('served, then gone')
  t.ok(await serves(box, neighbour), 'the neighbour serves')
})

t.test('a crash loop that begins after a summon that succeeded', async (t) => {
  await until('it is seen', async () => (await events(looping, 'minion.crash-looping')).length > 0)
  t.match(await box.minion(looping), { status: 'failed', reason: /restarting/ })
  t.equal((await events(looping, 'minion.crash-looping')).length, 1, 'told once')
  writeFileSync(startScript, goodScript)
  await until('it serves', () => serves(box, looping))
  await until('it is over', async () => (await events(looping, 'minion.recovered')).length > 0)
  t.match(await box.minion(looping), { status: 'running' })
  t.ok(await serves(box, neighbour), 'the neighbour serves')
})

t.test('a container that never becomes healthy', async (t) => {
  failed(t, await box.ended(sickJob), 'minion.unhealthy', new RegExp(`${sick}.* after \\d+ s`))
  t.same(await remains(box, sick), [], 'nothing is left')
  rewrite(new RegExp(`(name: ${sick},[^}]*MODE: )sick`), '$1good')
  succeeded(t, await applyOne(sick))
  t.ok(await serves(box, sick))
})

t.test('a container that is killed is told, and whether it is started again', async (t) => {
  const [mortal, victim] = [box.name('mortal'), box.name('victim')]
  for (const name of [mortal, victim]) succeeded(t, await add(name))
  const container = (name: string) => `${name}-${box.domain}`
  // as the kernel does it for want of memory: past the engine
  const { pid } = await engine.inspect(container(mortal))
  if (pid === undefined) throw new Error(`${mortal} does not run`)
  process.kill(pid, 'SIGKILL')
  await engine.kill(container(victim), 'SIGKILL')
  for (const [name, then] of [
    [mortal, '; the engine starts it again'],
    [victim, ''],
  ] as const) {
    await until(`the end of ${name} is told`, async () => (await events(name, 'minion.died')).length > 0)
    t.match(await events(name, 'minion.died'), [
      {
        severity: 'error',
        title: `${container(name)} was killed (exit code 137)${then}`,
        data: { exitCode: 137 },
      },
    ])
  }
  await until('it serves again', () => serves(box, mortal))
  succeeded(t, await box.run('POST', `/minions/${victim}/restart`))
  for (const name of [mortal, victim]) succeeded(t, await box.run('DELETE', `/minions/${name}`))
  t.equal((await events(victim, 'minion.died')).length, 1, 'what jobs stop is not told')
  t.ok(await serves(box, neighbour), 'the neighbour serves')
})

t.test('ports that somebody else holds', async (t) => {
  const own = await createBox()
  t.teardown(() => own.remove())
  const holder: Server = createServer()
  await new Promise<void>((resolve) => holder.listen(own.httpPort, '0.0.0.0', resolve))
  t.teardown(() => holder.close())
  const name = own.name('web')
  const job = await own.run('POST', '/minions', { template: 'hello', name })
  const [proxy] = (await own.api<{ jobs: Job[] }>('GET', '/jobs?minion=nginx')).body.jobs
  failed(t, await own.ended(proxy!.id), 'port.taken', new RegExp(`${own.httpPort}: .*pid ${process.pid}`))
  t.same(await remains(own, 'nginx'), [])
  t.equal(job.state, 'failed')
  saysClearly(t, job.problem, 'proxy.unreachable')
  t.equal((await remains(own, name)).length, 2, 'the application itself is left alone')
  await new Promise((resolve) => holder.close(resolve))
  for (const again of await own.apply()) succeeded(t, again)
  t.ok(await serves(own, name))
})
