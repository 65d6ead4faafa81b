import t from 'tap'
import { join } from 'node:path'
import type { Job } from '../server/jobs/job.ts'
import type { Plan } from '../server/minions/plan.ts'
import type { StackSum } from '../server/minions/stack.ts'
import { createBox, type Box } from './box.ts'
import { installStandIns } from './stand-ins/stand-ins.ts'

/** The seed's own line in config.yml. What cannot be built here is a stand-in; Ghost, the databases and the proxy are real. */
const TOOLS = ['nextcloud', 'wekan', 'mattermost', 'gitlab']
const box: Box = await createBox({
  config:
    '  applications: nginx ghost nextcloud wekan mattermost gitlab\n  stacks:\n    application: [nextcloud, wekan]\n    utility: [ghost]\n',
  templates: [],
  catalogue: TOOLS,
  boot: false,
})
t.teardown(() => box.remove())
installStandIns(join(box.dir, 'minions'), TOOLS)
await box.boot()
const succeeded = (job: Job) =>
  t.equal(job.state, 'succeeded', `${job.kind} ${job.minion}: ${JSON.stringify(job.problem)}`)

t.test('it plans as it is written', async (t) => {
  const { body } = await box.api<Plan>('GET', '/config/plan')
  t.same(body.changes.map(({ action, minion }) => `${action} ${minion}`).sort(), [
    '+ ghost',
    '+ gitlab',
    '+ mattermost',
    '+ nextcloud',
    '+ nginx',
    '+ wekan',
  ])
})

t.test('a stack is summed up before it is brought up, and asks', async (t) => {
  const { body } = await box.api<StackSum>('GET', '/stacks/application')
  t.match(body, { memory: 2144 + 2048, disk: 3500 + 2500 })
  t.ok(body.host.memory > 0 && body.host.free_disk > 0)
  const asked = await box.cli(['up', 'application'])
  t.equal(asked.code, 1)
  t.match(asked.stdout, /nextcloud\s+nextcloud\s+2144 MiB\s+3500 MiB/)
  t.match(asked.stderr, /Together up to 4\.1 GiB of memory/)
  t.same(
    await box.api('GET', '/jobs').then(({ body: jobs }) => JSON.stringify(jobs).includes('wekan')),
    false,
  )
  t.equal((await box.api('GET', '/stacks/nobody')).status, 404)
})

t.test('it runs', { timeout: 900_000 }, async (t) => {
  for (const job of await box.apply()) succeeded(job)
  for (const tool of TOOLS) {
    const page = await box.visit(`${tool}.${box.domain}`, tool === 'gitlab' ? '/users/sign_in' : '/')
    t.equal(page.status, 200, tool)
    t.match(page.body, /This is not (Nextcloud|WeKan|Mattermost|GitLab)/, 'a stand-in says what it is')
  }
  t.match((await box.visit(`ghost.${box.domain}`)).body, /content="Ghost 6/, 'Ghost is real')
  t.equal((await box.visit(`registry.gitlab.${box.domain}`, '/v2/')).status, 401, 'the registry of GitLab')
  t.same(await box.apply(), [], 'a second apply has nothing to do')
})

t.test('a stack goes down and up together', { timeout: 300_000 }, async (t) => {
  const down = await box.cli(['down', 'application'])
  t.equal(down.code, 0, down.stdout + down.stderr)
  for (const minion of ['nextcloud', 'wekan']) t.equal((await box.minion(minion)).status, 'stopped')
  const up = await box.cli(['up', 'application', '--yes'])
  t.equal(up.code, 0, up.stdout + up.stderr)
  t.match(up.stdout, /there already/)
  for (const minion of ['nextcloud', 'wekan']) t.equal((await box.minion(minion)).status, 'running')
})
