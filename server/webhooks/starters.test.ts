/** Each recipe that ships, at work: webhooks as their tools send them in, messages and jobs out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ownEventTypes } from '../events/catalogue.ts'
import { eventsOf } from './as-webhook.ts'
import { configOf, createReceiver, createRig } from './rig.fixture.ts'
import { fillStarter, readStarters } from './starters.ts'

const [MINUTE, HOUR] = [60_000, 3_600_000]
const home = join(import.meta.dirname, '../..')
const starters = readStarters(join(home, 'templates/recipes'))
const lines = (recipes: readonly object[]) =>
  `  applications: [shop]
  mail: {host: 127.0.0.1, port: 1}
  channels: {team: {mattermost: {url: {secret: team}}}}
  recipes: ${JSON.stringify(recipes)}\n`

async function atWork(t: Test, starter: string) {
  const clocked = { now: () => 0 }
  const team = await createReceiver(t, () => clocked.now())
  const recipe = fillStarter(
    starters,
    starter,
    { source: 'other', channel: 'team', minion: 'shop' },
    configOf(lines([])),
  )
  const rig = await createRig(t, { config: lines([recipe]), secrets: { team: team.url } })
  clocked.now = rig.clock.now
  rig.recipes.start()
  await rig.settled()
  /** As `test/fixtures` has it recorded; some facts changed. */
  const webhook = (tool: string, name: string, change: object = {}) => {
    const file = join(home, `test/fixtures/webhooks/${tool}/${name}.json`)
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as {
      headers: Record<string, string>
      event?: string
      body: object
    }
    const [event] = eventsOf({ source: tool, ...recorded }, { sources: [] }, new Date())
    if (event) rig.send({ ...event, source: 'other', ...change })
  }
  const own = (type: string, change: object = {}) => {
    const sample = ownEventTypes().find((one) => one.type === type)?.sample
    if (sample) rig.send({ ...sample, ...change })
  }
  const told = async (milliseconds = 0) => {
    await rig.clock.turn(milliseconds)
    return team.texts()
  }
  return { ...rig, team, webhook, own, told }
}

t.test('upload: one message for all that one person added in ten minutes', async (t) => {
  const { webhook, told } = await atWork(t, 'upload')
  for (const subject of ['a.odt', 'b.odt']) webhook('nextcloud', 'created', { subject })
  webhook('nextcloud', 'created', { subject: 'c.odt', actor: { name: 'Ilse' } })
  webhook('nextcloud', 'deleted')
  t.same(await told(9 * MINUTE), [])
  const texts = await told(2 * MINUTE)
  t.equal(texts.length, 2)
  t.ok(
    texts.some((text) => /added 2 files:\n- a\.odt\n- b\.odt/.test(String(text))),
    String(texts),
  )
  t.ok(texts.some((text) => /Ilse added \*\*c\.odt\*\*/.test(String(text))))
})

t.test('pipeline-failed', async (t) => {
  const { webhook, told } = await atWork(t, 'pipeline-failed')
  webhook('gitlab', 'pipeline-success')
  webhook('gitlab', 'pipeline-failed')
  t.match(await told(), [/^🔴 \[.*failed.*\]\(https:.*\): .* \(.+\)$/u])
  t.equal((await told()).length, 1)
})

t.test('pipeline-failed-author: the channel, and a mail to whoever wrote the commit', async (t) => {
  const { webhook, told, recipes } = await atWork(t, 'pipeline-failed-author')
  webhook('gitlab', 'pipeline-failed')
  t.match(await told(), [/^🔴 /u])
  const mail = recipes.deliveries.list({ limit: 10 }).find(({ destination }) => destination === 'mail')
  t.equal(mail?.state, 'pending', 'goes out as soon as the mail server answers')
  t.match(recipes.deliveries.get(mail?.id ?? 0)?.call, /mira@example\.org/)
})

t.test('push-redeploy: a push to main, and no other, deploys the minion anew', async (t) => {
  const { webhook, told, jobs } = await atWork(t, 'push-redeploy')
  webhook('gitlab', 'push', { data: { ref: 'topic' } })
  await told(MINUTE)
  t.same(jobs, [])
  webhook('gitlab', 'push')
  await told(MINUTE)
  t.match(jobs, [{ minion: 'shop', state: 'succeeded' }])
})

t.test('tag-redeploy: then it is told', async (t) => {
  const { webhook, told, jobs } = await atWork(t, 'tag-redeploy')
  webhook('gitlab', 'tag')
  t.match(await told(MINUTE), [/^🚀 shop was deployed: \[/u])
  t.match(jobs, [{ minion: 'shop' }])
})

t.test('new-post', async (t) => {
  const { webhook, told } = await atWork(t, 'new-post')
  webhook('ghost', 'post-published')
  webhook('ghost', 'post-edited')
  webhook('wordpress', 'post-published')
  t.match(await told(), [/^📰 \[.+\]\(https:.+\)$/u, /^📰 \[.+\]\(https:.+\)$/u])
})

t.test('card-moved: at most one message a minute for each card', async (t) => {
  const { webhook, told } = await atWork(t, 'card-moved')
  for (let count = 0; count < 3; count++) webhook('wekan', 'moved')
  webhook('wekan', 'moved', { subject: 'Another', title: 'Mira moved “Another”' })
  t.match(await told(), [/^🗂 \[Mira Holt moved “Print labels”\]\(https:/u, /Another/])
  await told(MINUTE)
  webhook('wekan', 'moved')
  t.equal((await told()).length, 3)
})

t.test('backup-alert: backups, dumps and proofs that failed or are late', async (t) => {
  const { own, told } = await atWork(t, 'backup-alert')
  for (const type of ['backup.succeeded', 'backup.failed', 'backup.late', 'dump.failed', 'proof.failed'])
    own(type)
  const texts = await told(MINUTE)
  t.equal(texts.join('\n').split('🔴').length - 1, 4)
  t.match(texts.join('\n'), /does not work when restored/)
})

t.test('minion-down: told once, and when it has recovered', async (t) => {
  const { own, told } = await atWork(t, 'minion-down')
  own('minion.unhealthy', { minion: 'shop', title: 'shop is unhealthy' })
  own('minion.crash-looping', { minion: 'shop', title: 'shop keeps restarting' })
  own('minion.unhealthy', { minion: 'shop', title: 'shop is unhealthy' })
  own('minion.failed', { minion: 'blog', title: 'blog: start failed' })
  t.same(await told(MINUTE), ['🔴 shop is unhealthy', '🔴 blog: start failed'])
  own('minion.recovered', { minion: 'shop', title: 'shop is healthy again' })
  own('minion.recovered', { minion: 'shop', title: 'shop is healthy again' })
  t.same((await told(MINUTE)).slice(2), ['🟢 shop is healthy again'])
  await told(HOUR)
  own('minion.unhealthy', { minion: 'shop', title: 'shop is unhealthy' })
  t.same((await told(MINUTE)).slice(3), ['🔴 shop is unhealthy'], 'the next time again')
})

t.test('all that ship are tried here', async (t) => {
  const tried = readFileSync(import.meta.filename, 'utf8')
  for (const { name } of starters) t.ok(tried.includes(`atWork(t, '${name}')`), name)
})
