import t from 'tap'
import { join } from 'node:path'
import { LABEL } from '../server/docker/container.ts'
import type { BackupSet } from '../server/backups/set.ts'
import type { Job } from '../server/jobs/job.ts'
import type { Plan } from '../server/minions/plan.ts'
import type { StackSum } from '../server/minions/stack.ts'
import { until } from './aftermath.ts'
import { createBox, engine, type Box } from './box.ts'
import { basic } from './levels/level.ts'
import { accountOf, hookUp } from './stand-ins/hook-up.ts'
import { intoMattermost, SENDERS } from './stand-ins/senders.ts'
import { installStandIns } from './stand-ins/stand-ins.ts'
import { publicLane } from './public-lane.ts'
import { createVisitor } from './visitor.ts'

/** The seed's own line in config.yml. What cannot be built here is a stand-in; Ghost, the databases and the proxy are real. */
const TOOLS = ['nextcloud', 'wekan', 'mattermost', 'gitlab']
const box: Box = await createBox({
  config:
    '  applications: nginx ghost nextcloud wekan mattermost gitlab\n  stacks:\n    application: [nextcloud, mattermost]\n    utility: [ghost]\n',
  templates: [],
  catalogue: TOOLS,
  boot: false,
})
t.teardown(() => box.remove())
installStandIns(join(box.dir, 'minions'), TOOLS)
await box.boot()
/** Id of the container that a tool itself runs in. */
async function containerOf(tool: string): Promise<string> {
  const containers = await engine.listContainers({ labels: [`${LABEL.box}=${box.boxId()}`] })
  const found = containers.find(({ labels, service }) => labels[LABEL.minion] === tool && service === tool)
  return found?.id ?? ''
}
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
  t.match(body, { memory: 2144 + 1280, disk: 3500 + 1800 })
  t.ok(body.host.memory > 0 && body.host.free_disk > 0)
  const asked = await box.cli(['up', 'application'])
  t.equal(asked.code, 1)
  t.match(asked.stdout, /nextcloud\s+nextcloud\s+2144 MiB\s+3500 MiB/)
  t.match(asked.stderr, /Together up to 3\.3 GiB of memory/)
  t.same(
    await box.api('GET', '/jobs').then(({ body: jobs }) => JSON.stringify(jobs).includes('mattermost')),
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

t.test('what the tools send is taken by our own sources', { timeout: 300_000 }, async (t) => {
  const argv = ['php', 'occ', 'app:enable', 'webhook_listeners']
  t.match(await engine.execIn(await containerOf('nextcloud'), argv, { user: '33:33' }), { code: 0 })
  for (const tool of ['gitlab', 'nextcloud', 'mattermost']) await t.test(tool, (t) => hookUp(t, box, tool))
  await t.test('wekan, which speaks to no private address', async (t) => {
    const account = await accountOf(box, 'wekan')
    const visitor = createVisitor(box, `wekan.${box.domain}`)
    const nowhere = { url: `http://10.1.2.3/hooks/wekan/x`, secret: 'x' }
    await SENDERS['wekan']?.connect(visitor, account, nowhere)
    await SENDERS['wekan']?.act(visitor, account)
    const { body } = await box.api<{ lines: { line: string }[] }>('GET', '/minions/wekan/logs?service=wekan')
    t.ok(body.lines.some(({ line }) => /webhook refused: .* private address/.test(line)))
    await hookUp(t, box, 'wekan', await publicLane(t, box, await containerOf('wekan')))
  })
})

t.test('what we send, the chat takes', async (t) => {
  const visitor = createVisitor(box, `mattermost.${box.domain}`)
  const chat = await intoMattermost(visitor, await accountOf(box, 'mattermost'))
  t.equal((await box.cli(['secret', 'set', 'team-hook'], visitor.origin + chat.path)).code, 0)
  const channel = { mattermost: { url: { secret: 'team-hook' } } }
  t.match(await box.api('PUT', '/channels/team', channel), { status: 200, body: { missing: [] } })
  const sent = await box.api('POST', '/channels/team/test', { text: 'Le café est **prêt**.' })
  t.equal(sent.status, 200, JSON.stringify(sent.body))
  t.ok((await chat.messages()).includes('Le café est **prêt**.'))
  t.equal(
    (await box.cli(['secret', 'set', 'team-hook'], `${visitor.origin}/hooks/${'x'.repeat(26)}`)).code,
    0,
  )
  const refused = await box.api('POST', '/channels/team/test', { text: 'x' })
  t.match(refused, { status: 424, body: { code: 'channel.failed' } })
})

t.test('a stack is saved together, and comes back together', { timeout: 600_000 }, async (t) => {
  const saved = await box.cli(['backup', '--stack', 'application', '--json'])
  t.equal(saved.code, 0, saved.stdout + saved.stderr)
  const { jobs } = JSON.parse(saved.stdout) as { jobs: Job[] }
  t.same(jobs.map(({ kind, minion }) => `${kind} ${minion}`).sort(), [
    'backup mattermost',
    'backup nextcloud',
  ])
  const { body } = await box.api<{ sets: BackupSet[] }>('GET', '/backups')
  // that of the box itself follows by its own
  const sets = body.sets.filter(({ minion }) => minion !== 'summoner')
  t.same(sets.map(({ minion, state }) => `${minion} ${state}`).sort(), ['mattermost good', 'nextcloud good'])

  const cloud = createVisitor(box, `nextcloud.${box.domain}`)
  const account = await accountOf(box, 'nextcloud')
  const note = `/remote.php/dav/files/${account.user}/later.txt`
  t.equal((await cloud.send('PUT', note, 'written after the set', basic(account))).status, 201)
  for (const set of sets) succeeded(await box.run('POST', `/backups/${set.id}/restore`, {}))
  t.equal((await cloud.get(note, basic(account))).status, 404, 'as it was')
  const kept = await cloud.get(`/remote.php/dav/files/${account.user}/coffee.txt`, basic(account))
  t.equal(kept.status, 200, 'what was there before is there')
  for (const minion of ['nextcloud', 'mattermost']) t.equal((await box.minion(minion)).status, 'running')
  const missing = await box.cli(['backup', '--stack', 'nobody'])
  t.match(missing, { code: 1, stderr: /nobody/ })
})

t.test('every one of them can be saved', { timeout: 900_000 }, async (t) => {
  const dumped = await box.cli(['dump', 'wekan'])
  t.equal(dumped.code, 0, dumped.stdout + dumped.stderr)
  const saved = await box.cli(['backup', '--json'])
  t.equal(saved.code, 0, saved.stdout + saved.stderr)
  const { jobs } = JSON.parse(saved.stdout) as { jobs: Job[] }
  t.same(jobs.map(({ kind, minion, state }) => `${kind} ${minion} ${state}`).sort(), [
    'backup ghost succeeded',
    'backup gitlab succeeded',
    'backup mattermost succeeded',
    'backup nextcloud succeeded',
    'backup nginx succeeded',
    'backup wekan succeeded',
  ])
  // they were stopped for the copy; the first health check may still be to come
  for (const minion of TOOLS)
    await until(`${minion} runs again`, async () => (await box.minion(minion)).status === 'running')
})

t.test('a stack goes down and up together', { timeout: 300_000 }, async (t) => {
  const down = await box.cli(['down', 'application'])
  t.equal(down.code, 0, down.stdout + down.stderr)
  for (const minion of ['nextcloud', 'mattermost']) t.equal((await box.minion(minion)).status, 'stopped')
  const up = await box.cli(['up', 'application', '--yes'])
  t.equal(up.code, 0, up.stdout + up.stderr)
  t.match(up.stdout, /there already/)
  for (const minion of ['nextcloud', 'mattermost']) t.equal((await box.minion(minion)).status, 'running')
})
