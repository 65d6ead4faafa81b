import t, { type Test } from 'tap'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import type { Job } from '../server/jobs/job.ts'
import type { Plan } from '../server/minions/plan.ts'
import { createBox, type Box } from './box.ts'

/** The default kit, real software from distribution packages: what a person has after `./install.sh`. */
const box: Box = await createBox({ config: '  applications: nginx statik wordpress ghost\n', templates: [] })
t.teardown(() => box.remove())

interface Credentials {
  admin: { user: string; password: string; url: string }
}
const secretsOf = async (minion: string) =>
  (await box.api<Credentials>('GET', `/minions/${minion}/secrets`)).body.admin
const succeeded = (job: Job) =>
  t.equal(job.state, 'succeeded', `${job.kind} ${job.minion}: ${JSON.stringify(job.problem)}`)

/** Sends a body through nginx as a browser would. */
function send(
  domain: string,
  path: string,
  type: string,
  body: string,
  headers: Record<string, string> = {},
) {
  return new Promise<{ status: number; cookies: string[]; location: string }>((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port: box.httpsPort,
      servername: domain,
      ca: readFileSync(`${box.data}/certificates/internal/root.pem`),
      method: 'POST',
      path,
      agent: false,
      headers: {
        host: `${domain}:${box.httpsPort}`,
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        ...headers,
      },
    })
    sent.once('response', (response) => {
      response.resume()
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          cookies: response.headers['set-cookie'] ?? [],
          location: response.headers.location ?? '',
        }),
      )
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

async function signIn(t: Test, domain: string) {
  const word = await secretsOf('wordpress')
  const form = new URLSearchParams({ log: word.user, pwd: word.password, testcookie: '1' }).toString()
  const press = await send(
    `wordpress.${domain}`,
    '/wp-login.php',
    'application/x-www-form-urlencoded',
    form,
    { cookie: 'wordpress_test_cookie=WP%20Cookie%20check' },
  )
  t.equal(press.status, 302, 'WordPress signs the administrator in')
  t.ok(press.cookies.some((cookie) => cookie.startsWith('wordpress_logged_in_')))
  t.match(press.location, `https://wordpress.${domain}`)
  const owner = await secretsOf('ghost')
  const session = JSON.stringify({ username: owner.user, password: owner.password })
  const ghost = await send(`ghost.${domain}`, '/ghost/api/admin/session', 'application/json', session, {
    origin: `https://ghost.${domain}:${box.httpsPort}`,
  })
  t.equal(ghost.status, 201, 'Ghost signs the owner in')
}

async function frontPages(t: Test, domain: string) {
  t.match((await box.visit(`statik.${domain}`)).body, /<html/)
  const press = await box.visit(`wordpress.${domain}`)
  t.equal(press.status, 200)
  t.match(press.body, /wp-content|wp-block/, 'a real WordPress page')
  const ghost = await box.visit(`ghost.${domain}`)
  t.equal(ghost.status, 200)
  t.match(ghost.body, /content="Ghost 6/, 'a real Ghost page')
  return { press: press.body, ghost: ghost.body }
}

t.test('apply brings the whole kit up', { timeout: 900_000 }, async (t) => {
  const jobs = await box.apply()
  t.same(jobs.map(({ minion }) => minion).sort(), ['ghost', 'nginx', 'statik', 'wordpress'])
  for (const job of jobs) succeeded(job)
  await frontPages(t, box.domain)
  await signIn(t, box.domain)
  t.same(await box.apply(), [], 'a second apply has nothing to do')
})

t.test(
  'a bought domain: containers renamed, addresses rewritten inside, old names redirect',
  { timeout: 900_000 },
  async (t) => {
    const old = box.domain
    const next = `${box.name('bought')}.test`
    writeFileSync(
      box.configFile,
      readFileSync(box.configFile, 'utf8').replace(`domain: ${old}`, `domain: ${next}`),
    )
    const { body: plan } = await box.api<Plan>('GET', '/config/plan')
    t.same(plan.changes.map(({ action, minion }) => `${action} ${minion}`).sort(), [
      '~ ghost',
      '~ nginx',
      '~ statik',
      '~ wordpress',
    ])
    for (const job of await box.apply()) succeeded(job)
    const pages = await frontPages(t, next)
    for (const [name, page] of Object.entries(pages))
      t.notMatch(page, old, `${name} does not name the old domain any more`)
    await signIn(t, next)
    const redirect = await box.visit(`wordpress.${old}`, '/a?b=c')
    t.equal(redirect.headers['location'], `https://wordpress.${next}:${box.httpsPort}/a?b=c`)
    t.same(await box.apply(), [])
  },
)
