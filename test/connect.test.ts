/** Tools of one box talk to each other through nginx: connected by `hooks connect`, told by recipes. Stand-ins keep the tools' interfaces. */
import { request } from 'node:https'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Event } from '../server/events/event.ts'
import { createBox, type Box } from './box.ts'
import { installStandIns } from './stand-ins/stand-ins.ts'

const TOOLS = ['nextcloud', 'mattermost', 'gitlab', 'forgejo', 'sonarqube']
const box: Box = await createBox({
  config: `  applications: nginx ${TOOLS.join(' ')}\n`,
  templates: [],
  catalogue: TOOLS,
  boot: false,
})
t.teardown(() => box.remove())
t.setTimeout(900_000)
installStandIns(join(box.dir, 'minions'), TOOLS)
await box.boot()

interface Answer {
  status: number
  token: string | undefined
  body: Record<string, unknown>
}

/** As a person's browser or program asks a tool: its public name, through nginx. */
function ask(
  tool: string,
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    const host = `${tool}.${box.domain}`
    const sent = request({
      host: '127.0.0.1',
      port: box.httpsPort,
      servername: host,
      ca: readFileSync(join(box.data, 'certificates/internal/root.pem'), 'utf8'),
      method,
      path,
      agent: false,
      headers: {
        host,
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...headers,
      },
    })
    sent.once('response', (response) => {
      let all = ''
      response.setEncoding('utf8').on('data', (part: string) => (all += part))
      response.once('end', () => {
        const status = response.statusCode ?? 0
        if (status >= 400) return reject(new Error(`${method} ${tool}${path} answered ${status}: ${all}`))
        const token = response.headers['token']
        resolve({
          status,
          token: typeof token === 'string' ? token : undefined,
          body: all.startsWith('{') ? (JSON.parse(all) as Record<string, unknown>) : {},
        })
      })
    })
    sent.once('error', reject)
    sent.end(text)
  })
}

const secretsOf = async (minion: string): Promise<Record<string, string>> => {
  const { stdout } = await box.cli(['secrets', minion, '--json'])
  return (JSON.parse(stdout) as { secrets: Record<string, string> }).secrets
}
const basic = (user: string, password = '') => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
async function cli(args: string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await box.cli(args, input)
  if (code !== 0) throw new Error(`summoner ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`)
  return stdout
}
async function awaited<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) {
    const found = await look()
    if (found !== undefined) return found
  }
  const { stdout } = await box.cli(['events'])
  throw new Error(`${what} did not come\n${stdout}\n${box.log().slice(-2000)}`)
}
const event = async (source: string, type: string, fits = (_event: Event) => true) =>
  awaited(`${type} of ${source}`, async () => {
    const path = `/events?limit=200&source=${source}&type=${type}`
    return (await box.api<{ events: Event[] }>('GET', path)).body.events.find(fits)
  })

let session: Record<string, string> = {}
let square = ''
const messages = async (): Promise<string[]> => {
  const { body } = await ask('mattermost', 'GET', `/api/v4/channels/${square}/posts`, undefined, session)
  return Object.values(body['posts'] as Record<string, { message: string }>).map(({ message }) => message)
}
const message = async (pattern: RegExp) =>
  awaited(`a message ${String(pattern)}`, async () => (await messages()).find((text) => pattern.test(text)))

t.test('it runs', { timeout: 600_000 }, async (t) => {
  for (const job of await box.apply()) t.equal(job.state, 'succeeded', JSON.stringify(job.problem))
})

t.test('a channel of Mattermost, as a person makes it', { timeout: 120_000 }, async (t) => {
  const { MATTERMOST_ADMIN_PASSWORD: password } = await secretsOf('mattermost')
  const login = await ask('mattermost', 'POST', '/api/v4/users/login', { login_id: 'admin', password })
  session = { authorization: `Bearer ${login.token}` }
  const path = '/api/v4/teams/name/main/channels/name/town-square'
  square = String((await ask('mattermost', 'GET', path, undefined, session)).body['id'])
  const hook = await ask('mattermost', 'POST', '/api/v4/hooks/incoming', { channel_id: square }, session)
  const address = `https://mattermost.${box.domain}:${box.httpsPort}/hooks/${String(hook.body['id'])}`
  t.match(await cli(['channels', 'add', 'team', 'mattermost'], `${address}\n`), /is in config.yml/)
  t.match(await cli(['channels', 'test', 'team']), /took the message/)
  t.ok(await message(/^Summoner can write here\.$/))
})

t.test('an upload in Nextcloud is a message in the channel, once', { timeout: 120_000 }, async (t) => {
  t.match(await cli(['hooks', 'connect', 'nextcloud']), /sends its webhooks here, as the source nextcloud/)
  // a second time replaces what the first has made
  await cli(['hooks', 'connect', 'nextcloud'])
  const recipe = {
    name: 'uploads',
    on: { source: 'nextcloud', type: 'file.created' },
    do: [{ post: { channel: 'team', text: '📄 {{ event.actor.name }} added **{{ event.subject }}**' } }],
  }
  t.equal((await box.api('POST', '/recipes', { recipe })).status, 201)
  const { NEXTCLOUD_ADMIN_PASSWORD: password } = await secretsOf('nextcloud')
  const upload = (name: string) =>
    ask('nextcloud', 'PUT', `/remote.php/dav/files/admin/${name}`, 'figures', basic('admin', password))
  await upload('budget.ods')
  t.equal(await message(/budget/), '📄 admin added **budget.ods**')
  await upload('plan.odt')
  await message(/plan/)
  t.equal((await messages()).filter((text) => text.includes('added')).length, 2, 'one of each')
})

t.test(
  'a pipeline of GitLab that failed, by the steps of docs/recipes.md',
  { timeout: 120_000 },
  async (t) => {
    const { GITLAB_ROOT_PASSWORD: password } = await secretsOf('gitlab')
    const grant = { grant_type: 'password', username: 'root', password: password ?? '' }
    const { body } = await ask('gitlab', 'POST', '/oauth/token', new URLSearchParams(grant).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    })
    const root = { authorization: `Bearer ${String(body['access_token'])}` }
    await ask('gitlab', 'POST', '/api/v4/projects', { name: 'shop' }, root)
    const began = performance.now()
    t.match(await cli(['hooks', 'connect', 'gitlab']), /1 project sends/)
    t.match(await cli(['recipes', 'add', 'pipeline-failed', '--source', 'gitlab']), /at work/)
    await ask('gitlab', 'POST', '/api/v4/projects/1/pipeline', { ref: 'main' }, root)
    await ask('gitlab', 'POST', '/api/v4/projects/1/pipeline', { ref: 'broken-main' }, root)
    t.match(await message(/broken-main/), /^🔴 \[.*failed.*\]\(https:.*812\): Fix tax rounding/u)
    t.comment(
      `from a project to its failed pipeline in the channel: ${Math.round(performance.now() - began)} ms`,
    )
    t.notOk(
      (await messages()).some((text) => /on main/.test(text)),
      'the good one is nobody’s concern',
    )
  },
)

t.test(
  'Mattermost itself: a command, and a message that begins with the word',
  { timeout: 120_000 },
  async (t) => {
    t.match(await cli(['hooks', 'connect', 'mattermost']), /In the team main/)
    t.match(readFileSync(box.configFile, 'utf8'), /secret: *\{ *secret: mattermost-webhooks *\}/)
    const command = { channel_id: square, command: '/summoner status of the shop' }
    await ask('mattermost', 'POST', '/api/v4/commands/execute', command, session)
    t.match(await event('mattermost', 'command.called'), { data: { words: ['status', 'of', 'the', 'shop'] } })
    await ask('mattermost', 'POST', '/api/v4/posts', { channel_id: square, message: 'hello' }, session)
    await ask(
      'mattermost',
      'POST',
      '/api/v4/posts',
      { channel_id: square, message: 'summoner restart shop' },
      session,
    )
    t.match(await event('mattermost', 'message.posted'), { data: { words: ['restart', 'shop'] } })
  },
)

t.test('Forgejo and SonarQube', { timeout: 120_000 }, async (t) => {
  t.match(await cli(['hooks', 'connect', 'forgejo']), /sends its webhooks here/)
  const { FORGEJO_ADMIN_PASSWORD: password } = await secretsOf('forgejo')
  const forge = basic('forge', password)
  await ask('forgejo', 'POST', '/api/v1/user/repos', { name: 'site' }, forge)
  await ask('forgejo', 'POST', '/api/v1/repos/forge/site/issues', { title: 'Links are blue' }, forge)
  t.match(await event('forgejo', 'issue.opened'), { project: 'forge/site', subject: /Links are blue/ })

  t.match(await cli(['hooks', 'connect', 'sonarqube']), /sends its webhooks here/)
  const { SONARQUBE_ADMIN_PASSWORD: sonar } = await secretsOf('sonarqube')
  await ask('sonarqube', 'POST', '/api/ce/submit?projectKey=shop', {}, basic('admin', sonar))
  t.ok(
    await awaited('the gate', async () => {
      const { body } = await box.api<{ events: Event[] }>('GET', '/events?source=sonarqube')
      return body.events.find(({ type }) => type.startsWith('quality-gate'))
    }),
  )
  t.match(await cli(['hooks']), /sonarqube +sonarqube .* 1 +0 /)
})

t.test('nothing that proves anybody is shown or said', { timeout: 120_000 }, async (t) => {
  const shown = JSON.stringify([
    (await box.api('GET', '/events?limit=1000')).body,
    (await box.api('GET', '/sources')).body,
    readFileSync(box.configFile, 'utf8'),
    box.log(),
  ])
  const { MATTERMOST_ADMIN_PASSWORD, NEXTCLOUD_ADMIN_PASSWORD } = {
    ...(await secretsOf('mattermost')),
    ...(await secretsOf('nextcloud')),
  } as Record<string, string>
  for (const secret of [MATTERMOST_ADMIN_PASSWORD, NEXTCLOUD_ADMIN_PASSWORD])
    t.notOk(shown.includes(secret ?? '?'), 'no password')
  t.notMatch(shown, /\/hooks\/(?:nextcloud|gitlab|mattermost)\/[A-Za-z0-9_-]{43}/)
})
