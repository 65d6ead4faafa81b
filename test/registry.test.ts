/** Images that were built here go to the private registry of the box, and come back as they went. */
import { execFile } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { BuiltImage } from '../server/images/pushed-image.ts'
import type { Job } from '../server/jobs/job.ts'
import { createBox, engine } from './box.ts'
import { accountOf } from './stand-ins/hook-up.ts'
import { basic } from './levels/level.ts'
import { createVisitor } from './visitor.ts'

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
const box = await createBox({ catalogue: ['registry'] })
t.teardown(() => box.remove())
// an image that no other box on this engine has
writeFileSync(join(box.dir, 'minions/hello/distro/mark'), box.domain)
const docker = (...args: string[]) => promisify(execFile)('docker', args)
const succeeded = (job: Job) =>
  t.equal(job.state, 'succeeded', `${job.kind} ${job.minion}: ${JSON.stringify(job.problem)}`)
const images = async () => (await box.api<{ images: BuiltImage[] }>('GET', '/images')).body.images
const imageOf = async (minion: string) => (await images()).find((image) => image.minion === minion)
const logOf = async (job: Job) => (await box.cli(['job', job.id, 'log'])).stdout
const made: string[] = []
t.teardown(async () => {
  for (const reference of made) await docker('rmi', reference).catch(() => undefined)
})

t.before(async () => {
  for (const job of await box.apply()) succeeded(job)
  succeeded(await box.run('POST', '/minions', { template: 'hello', name: 'site' }))
})

t.test('without a registry it says how to have one', async (t) => {
  const { code, stderr } = await box.cli(['images', 'push', 'site'])
  t.equal(code, 1)
  t.match(stderr, /No registry runs on this box[^]*summoner add registry/)
})

t.test('a distribution build: pushed, gone, taken back instead of built', { timeout: 600_000 }, async (t) => {
  succeeded(await box.run('POST', '/minions', { template: 'registry' }))
  const before = await imageOf('site')
  const reference = before?.reference ?? ''
  made.push(reference)
  t.match(reference, /^summoner\/hello-hello:1\.0-[0-9a-f]{12}$/)
  t.equal(before?.pushed, undefined)
  const known = await engine.image(reference)

  const push = await box.cli(['images', 'push', 'site'])
  t.equal(push.code, 0, push.stderr)
  t.match(push.stdout, `${reference} is kept as sha256:`)
  t.notMatch(push.stdout + box.log(), (await accountOf(box, 'registry')).password)
  t.same((await engine.image(reference))?.tags, [reference], 'no other name is left')
  const after = await imageOf('site')
  t.match(after, { pushed: { registry: 'registry', name: reference } })
  const list = await box.cli(['images'])
  t.match(list.stdout, /site\s+hello\s+summoner\/hello-hello\S+\s+.*registry, \d+ s ago/)

  const visitor = createVisitor(box, `registry.${box.domain}`)
  const tag = reference.split(':')[1] ?? ''
  const path = `/v2/summoner/hello-hello/manifests/${tag}`
  t.equal((await visitor.get(path)).status, 401, 'nobody reads it without the account')
  const found = await visitor.get(path, { ...basic(await accountOf(box, 'registry')), accept: MANIFEST })
  t.equal(found.status, 200)
  t.equal(found.headers['docker-content-digest'], after?.pushed?.digest)

  succeeded(await box.run('DELETE', '/minions/site'))
  await engine.untag(reference)
  t.equal(await engine.image(reference), undefined, 'it is gone')
  const again = await box.run('POST', '/minions', { template: 'hello', name: 'site' })
  succeeded(again)
  const log = await logOf(again)
  t.match(log, `Pulling ${reference} from registry`)
  t.notMatch(log, /Step 1\//)
  const back = await engine.image(reference)
  t.equal(back?.id, known?.id, 'the very same')
  t.same(back?.tags, [reference])
  t.match((await box.visit(`site.${box.domain}`)).status, 200)
})

t.test('brought back by hand', async (t) => {
  const reference = (await imageOf('site'))?.reference ?? ''
  t.match((await box.cli(['images', 'pull', 'site'])).stdout, /Every image of site is here/)
  await docker('rmi', '--force', reference)
  t.equal((await imageOf('site'))?.size, undefined)
  t.match((await box.cli(['images'])).stdout, /not here/)
  const pull = await box.cli(['images', 'pull', 'site'])
  t.equal(pull.code, 0, pull.stderr)
  t.match(pull.stdout, `${reference} is here again`)
  t.ok((await imageOf('site'))?.size)
})

t.test('what a stranger pushes under the same name is not taken', async (t) => {
  const reference = (await imageOf('site'))?.reference ?? ''
  const account = await accountOf(box, 'registry')
  const visitor = createVisitor(box, `registry.${box.domain}`)
  const path = `/v2/summoner/hello-hello/manifests/${reference.split(':')[1] ?? ''}`
  const headers = { ...basic(account), accept: MANIFEST }
  const { config, layers, ...rest } = JSON.parse((await visitor.get(path, headers)).body) as Record<
    string,
    unknown[]
  >
  const other = JSON.stringify({ ...rest, config, layers: layers?.slice(0, 1) })
  const put = await visitor.send('PUT', path, other, { ...basic(account), 'content-type': MANIFEST })
  t.equal(put.status, 201, put.body)
  const id = (await engine.image(reference))?.id
  succeeded(await box.run('DELETE', '/minions/site'))
  await engine.untag(reference)
  succeeded(await box.run('POST', '/minions', { template: 'hello', name: 'site' }))
  t.equal((await engine.image(reference))?.id, id, 'only the digest that was pushed from here')
})

t.test('sources of one’s own: named by what they are', { timeout: 300_000 }, async (t) => {
  const folder = join(import.meta.dirname, 'fixtures/compose/counter-app')
  const imported = await box.cli(['import', folder, '--name', 'counter'])
  t.equal(imported.code, 0, imported.stdout + imported.stderr)
  succeeded(await box.run('POST', '/minions', { template: 'counter' }))
  const built = await imageOf('counter')
  const reference = built?.reference ?? ''
  made.push(reference)
  succeeded(await box.run('POST', '/minions/counter/images/push', {}))
  t.match((await imageOf('counter'))?.pushed?.name, /^summoner\/counter-[a-z]+:own-[0-9a-f]{12}$/)
  const known = await engine.image(reference)

  succeeded(await box.run('DELETE', '/minions/counter'))
  await engine.untag(reference)
  const again = await box.run('POST', '/minions', { template: 'counter' })
  succeeded(again)
  t.match(await logOf(again), /Pulling summoner\/counter-\S+ from registry/)
  t.equal((await engine.image(reference))?.id, known?.id)

  succeeded(await box.run('DELETE', '/minions/counter'))
  await engine.untag(reference)
  appendFileSync(join(box.dir, 'minions/counter/source/Dockerfile'), 'LABEL changed=yes\n')
  const changed = await box.run('POST', '/minions', { template: 'counter' })
  succeeded(changed)
  t.notMatch(await logOf(changed), /from registry/)
  t.not((await engine.image(reference))?.id, known?.id, 'other sources are another image')
})

t.test('a registry that is down is no obstacle', async (t) => {
  const reference = (await imageOf('site'))?.reference ?? ''
  succeeded(await box.run('POST', '/minions/registry/stop'))
  succeeded(await box.run('DELETE', '/minions/site'))
  await engine.untag(reference)
  const built = await box.run('POST', '/minions', { template: 'hello', name: 'site' })
  succeeded(built)
  t.match(await logOf(built), /Step 1\//)
  const push = await box.cli(['images', 'push', 'site'])
  t.match(push.stderr, /registry does not run[^]*summoner start/)
})
