/** Webhooks through nginx on a real engine: a signed one from outside, and what Ghost and WordPress really send. */
import { createHmac } from 'node:crypto'
import { request as tlsRequest } from 'node:https'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Event } from '../server/events/event.ts'
import { createBox, engine } from './box.ts'
import { publicLane } from './public-lane.ts'

const box = await createBox({
  config: '  applications: []\n  sources:\n    - {name: git, type: gitlab}\n',
})
t.teardown(() => box.remove())
const host = `hooks.${box.domain}`

interface Made {
  url: string
  inside: string
  secret: string
}

/** As a tool elsewhere sends it: over TLS, by the public name. */
function send(url: string, body: string | Buffer, headers: Record<string, string>) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: box.httpsPort,
      method: 'POST',
      path: new URL(url).pathname,
      headers: { host, 'content-length': Buffer.byteLength(body), ...headers },
      agent: false as const,
      timeout: 20_000,
    }
    const ca = () => readFileSync(join(box.data, 'certificates/internal/root.pem'), 'utf8')
    const sent = tlsRequest({ ...options, servername: host, ca: ca() })
    sent.once('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.once('timeout', () => sent.destroy(new Error('timeout')))
    sent.once('error', reject)
    sent.end(body)
  })
}

async function events(query: string): Promise<Event[]> {
  return (await box.api<{ events: Event[] }>('GET', `/events?limit=200&${query}`)).body.events
}

/** The event, when it has come. */
async function awaited(source: string, type: string): Promise<Event | undefined> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) {
    const found = (await events(`source=${source}&type=${type}`)).at(-1)
    if (found) return found
  }
  return undefined
}

t.before(async () => {
  for (const job of await box.apply()) t.equal(job.state, 'succeeded', JSON.stringify(job.problem))
})

t.test('a webhook from outside becomes an event', async (t) => {
  const made = (await box.api<Made>('POST', '/sources/git/tokens', {})).body
  t.match(made.url, new RegExp(`^https://${host}:${box.httpsPort}/hooks/git/`))
  const body = readFileSync(
    join(import.meta.dirname, 'fixtures/webhooks/gitlab/pipeline-failed.json'),
    'utf8',
  )
  const { headers, body: payload } = JSON.parse(body) as { headers: Record<string, string>; body: object }
  const answer = await send(made.url, JSON.stringify(payload), { ...headers, 'x-gitlab-token': made.secret })
  t.equal(answer.status, 202, answer.text)
  t.match(await events('source=git'), [
    {
      type: 'pipeline.failed',
      severity: 'error',
      project: 'acme/shop',
      data: { ref: 'main', failed: ['unit'] },
    },
  ])
  const wrong = await send(made.url, JSON.stringify(payload), { ...headers, 'x-gitlab-token': 'x' })
  t.equal(wrong.status, 401)
  t.equal((await events('source=git')).length, 1)
  const list = await box.cli(['hooks'])
  t.equal(list.code, 0, list.stderr)
  t.match(list.stdout, /git +gitlab/)
  const log = readFileSync(join(box.data, 'volumes/nginx/logs', `${host}.access.log`), 'utf8')
  t.match(log, /"path":"\/hooks\/…"/)
  t.notOk(log.includes(made.url.slice(-43)), 'no address in the logs of nginx')
  t.notOk(box.log().includes(made.url.slice(-43)), 'nor in ours')
})

t.test('sources by hand', async (t) => {
  const added = await box.cli(['hooks', 'add', 'ci', '--type', 'github', '--json'])
  t.equal(added.code, 0, added.stderr)
  const made = JSON.parse(added.stdout) as Made
  const body = JSON.stringify({ zen: 'x', hook_id: 1 })
  const signature = `sha256=${createHmac('sha256', made.secret).update(body).digest('hex')}`
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'ping',
    'x-hub-signature-256': signature,
  }
  t.equal((await send(made.url, body, headers)).status, 202)
  const rotated = JSON.parse(
    (await box.cli(['hooks', 'rotate', 'ci', '--overlap', '0', '--json'])).stdout,
  ) as Made
  t.equal((await send(made.url, body, headers)).status, 404)
  t.not(rotated.url, made.url)
  t.equal((await box.cli(['hooks', 'revoke', 'ci'])).code, 0)
  t.equal((await send(rotated.url, body, headers)).status, 404)
  t.equal((await box.cli(['hooks', 'remove', 'ci'])).code, 0)
  t.match((await box.cli(['hooks', 'connect', 'nginx'])).stderr, /does not know which webhooks nginx sends/)
})

t.test('what was taken survives a kill', async (t) => {
  const before = (await events('source=git')).length
  await box.kill()
  await box.boot()
  t.equal((await events('source=git')).length, before)
})

t.test('WordPress tells of a post after connect', { timeout: 600_000 }, async (t) => {
  const name = box.name('site')
  const job = await box.run('POST', '/minions', { template: 'wordpress', name })
  t.equal(job.state, 'succeeded', JSON.stringify(job.problem))
  const connected = await box.cli(['hooks', 'connect', name])
  t.equal(connected.code, 0, connected.stderr)
  t.ok(await awaited(name, 'ping'), 'the first webhook')
  const container = (await engine.listContainers({ labels: [`io.summoner.minion=${name}`] })).find(
    ({ service }) => service === 'wordpress',
  )
  const code = `$_SERVER['HTTP_HOST'] = 'x'; require '/var/www/html/wp-load.php';
    wp_insert_post(['post_title' => 'Winter sale', 'post_content' => 'All', 'post_status' => 'publish', 'post_author' => 1]);`
  const { code: exit, stderr } = await engine.execIn(container?.id ?? '', ['php', '-r', code], {
    user: '33:33',
  })
  t.equal(exit, 0, stderr)
  t.match(await awaited(name, 'post.published'), {
    minion: name,
    title: '“Winter sale” was published',
    actor: { username: 'admin' },
    data: { previous: 'new' },
  })
  t.equal(
    (await box.visit(`${name}.${box.domain}`, '/wp-content/mu-plugins/summoner-hooks/settings.php')).body,
    '',
  )
  t.equal((await box.cli(['hooks', 'connect', name])).code, 0, 'a second time takes the place of the first')
})

t.test('Ghost tells of a post after connect', { timeout: 900_000 }, async (t) => {
  const name = box.name('blog')
  const job = await box.run('POST', '/minions', { template: 'ghost', name })
  t.equal(job.state, 'succeeded', JSON.stringify(job.problem))
  for (const _ of [1, 2]) {
    const connected = await box.cli(['hooks', 'connect', name])
    t.equal(connected.code, 0, connected.stderr)
  }
  const container = (await engine.listContainers({ labels: [`io.summoner.minion=${name}`] })).find(
    ({ service }) => service === 'ghost',
  )
  const secrets = await box.api<{ admin: { user: string; password: string } }>(
    'GET',
    `/minions/${name}/secrets`,
  )
  // Ghost sends to public addresses only: a network that looks like one leads to nginx in place of the Internet.
  const lane = await publicLane(t, box, container?.id ?? '')
  const code = `import { siteApi } from '/summoner/site.mjs'
    const { cookie } = await siteApi('POST', '/ghost/api/admin/session/', { username: process.env.OWNER, password: process.env.PASSWORD })
    const found = await siteApi('GET', '/ghost/api/admin/integrations/?include=webhooks&limit=all', undefined, cookie)
    for (const { name, webhooks = [] } of JSON.parse(found.text).integrations)
      for (const hook of name === 'Summoner' ? webhooks : []) {
        const target_url = hook.target_url.replace(/^https:\\/\\/[^/]+/, process.env.LANE)
        const { status, text } = await siteApi('PUT', '/ghost/api/admin/webhooks/' + hook.id + '/', { webhooks: [{ ...hook, target_url }] }, cookie)
        if (status !== 200) throw new Error(text)
      }
    const made = await siteApi('POST', '/ghost/api/admin/posts/', { posts: [{ title: 'Winter sale', status: 'published' }] }, cookie)
    if (made.status !== 201) throw new Error(made.text)`
  const { code: exit, stderr } = await engine.execIn(
    container?.id ?? '',
    ['node', '--input-type=module', '-e', code],
    {
      user: '1000:1000',
      env: { OWNER: secrets.body.admin.user, PASSWORD: secrets.body.admin.password, LANE: lane },
    },
  )
  t.equal(exit, 0, stderr)
  t.match(await awaited(name, 'post.published'), {
    minion: name,
    title: '“Winter sale” was published',
    url: new RegExp(`^https://${name}\\.${box.domain}`),
  })
  await sleep(1000)
  t.equal((await events(`source=${name}&type=post.published`)).length, 1, 'connected twice, told once')
})
