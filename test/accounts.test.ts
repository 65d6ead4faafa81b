/** Signing in as a browser does, through nginx and HTTPS, and every way in that must stay shut. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { walkRoutes } from '../server/http/walk-routes.ts'
import { succeeded } from './aftermath.ts'
import { createBox, type Answer } from './box.ts'
import { composedFor } from './composed.ts'

const PASSWORD = 'correct horse battery staple'
const box = await createBox()
t.teardown(() => box.remove())
const host = `summoner.${box.domain}`
const origin = `https://${host}:${box.httpsPort}`
const hello = box.name('hello')
const page = { origin, 'sec-fetch-site': 'same-origin' }

const composed = await composedFor(box, t.testdir())
t.teardown(() => composed.close())

/** Opens an answer at nginx, as a browser with these headers. */
const open = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    request(
      {
        host: '127.0.0.1',
        port: box.httpsPort,
        servername: host,
        ca: readFileSync(join(box.data, 'certificates/internal/root.pem')),
        method,
        // `/-` stands before addresses outside of the API
        path: path.startsWith('/-') ? path.slice(2) : `/api/v1${path}`,
        agent: false,
        headers: {
          host: `${host}:${box.httpsPort}`,
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...headers,
        },
      },
      resolve,
    )
      .once('error', reject)
      .end(text)
  })

async function ask<T = Record<string, never>>(...parameters: Parameters<typeof open>): Promise<Answer<T>> {
  const response = await open(...parameters)
  let text = ''
  for await (const chunk of response) text += String(chunk)
  const json = response.headers['content-type']?.includes('json') === true
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: (json ? JSON.parse(text) : text) as T,
  }
}

const cookieOf = ({ headers }: Pick<Answer, 'headers'>) => headers['set-cookie']?.[0]?.split(';')[0] ?? ''
const linkOf = (url: string) => url.trim().split('#')[1] ?? ''

/** Invites somebody over the admin socket, and lets them choose a password in their browser. */
async function person(name: string, role: string): Promise<string> {
  const { body } = await box.api<{ link: { url: string } }>('POST', '/users', { name, role })
  return cookieOf(await ask('POST', '/setup', { link: linkOf(body.link.url), password: PASSWORD }, page))
}

t.test('a box with nginx and one minion', async (t) => {
  for (const job of await box.apply()) succeeded(t, job)
  succeeded(t, await box.run('POST', '/minions', { template: 'hello', name: hello }))
})

t.test('from the link that the server prints to a session, through nginx', async (t) => {
  t.same((await ask('GET', '/session')).body, { state: 'setup' })
  const { stdout, code } = await box.cli(['user', 'setup-link'])
  t.equal(code, 0)
  t.ok(stdout.startsWith(`${origin}/setup#`), stdout)
  const body = { link: linkOf(stdout), name: 'zoe', password: PASSWORD }
  const entered = await ask('POST', '/setup', body, page)
  t.equal(entered.status, 201)
  const set = entered.headers['set-cookie']?.[0] ?? ''
  t.match(set, /^__Host-summoner=[^;]+; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
  const cookie = cookieOf(entered)
  t.match((await ask('GET', '/account', undefined, { ...page, cookie })).body, {
    name: 'zoe',
    role: 'administrator',
  })
  t.equal((await box.cli(['user', 'setup-link'])).code, 1, 'no second first administrator')
  t.match((await box.cli(['user', 'list'])).stdout, /zoe +administrator +password/)

  const spoofed = { ...page, cookie, 'x-forwarded-for': '203.0.113.1', 'x-forwarded-proto': 'http' }
  t.equal((await ask('POST', '/session', { name: 'zoe', password: 'wrong' }, spoofed)).status, 401)
  const { entries } = (
    await ask<{ entries: object[] }>('GET', '/audit?limit=1', undefined, { ...page, cookie })
  ).body
  t.match(
    entries,
    [{ action: 'signIn', actor: 'zoe', address: '127.0.0.1', status: 401 }],
    'nginx knows better',
  )

  const plain = await box.visit(host, '/api/v1/account', { plain: true, headers: { cookie } })
  t.equal(plain.status, 301, 'plain HTTP leads to HTTPS, and nowhere else')
  const front = await ask<string>('GET', '/-/')
  t.equal(front.status, 200)
  t.match(front.headers, { 'content-security-policy': /script-src 'self'/, 'x-frame-options': 'DENY' })
  t.equal(front.headers['set-cookie'], undefined)
})

t.test('every route refuses every wrong token, session and sender', async (t) => {
  const token = async (role: string, expires?: string) =>
    (
      await box.api<{ token: string }>('POST', '/tokens', {
        name: `${role}${expires ?? ''}`,
        role,
        ...(expires ? { expires } : {}),
      })
    ).body.token
  const expired = await token('administrator', new Date(Date.now() + 1000).toISOString())
  const ended = await person('ended', 'administrator')
  await ask('DELETE', '/session', undefined, { ...page, cookie: ended })
  const cookies = {
    ended,
    viewer: await person('vic', 'viewer'),
    operator: await person('olga', 'operator'),
    administrator: await person('ada', 'administrator'),
    origin,
  }
  const socketPath = join(box.data, 'run/web/web.sock')
  const inject = async ({
    method,
    url,
    headers,
  }: {
    method: string
    url: string
    headers: Record<string, string>
  }) =>
    new Promise<{ statusCode: number }>((resolve, reject) => {
      httpRequest({ socketPath, method, path: url, headers, agent: false }, (response) => {
        response.destroy()
        resolve({ statusCode: response.statusCode ?? 0 })
      })
        .once('error', reject)
        .end()
    })
  while (
    (await inject({ method: 'GET', url: '/api/v1/tokens', headers: { authorization: `Bearer ${expired}` } }))
      .statusCode === 200
  )
    await new Promise((resolve) => setTimeout(resolve, 100))
  const { tried, wrong } = await walkRoutes(
    { declaredRoutes: composed.declaredRoutes, inject } as unknown as Parameters<typeof walkRoutes>[0],
    { expired, viewer: await token('viewer'), operator: await token('operator'), cookies },
  )
  t.same(wrong, [])
  t.ok(tried > composed.declaredRoutes.length * 6, `${tried} attempts`)
  const still = await ask('GET', '/account', undefined, { ...page, cookie: cookies.administrator })
  t.equal(still.status, 200, 'and the good session still is')
})

/** Routes that answer with a stream, at addresses that exist on this box. */
function streams(job: string): { path: string; role: string }[] {
  const found = composed.declaredRoutes.flatMap(({ url, schema, config }) => {
    const ok = (schema?.response as Record<string, { content?: object }> | undefined)?.['200']
    const streams = ok?.content !== undefined && 'text/event-stream' in ok.content
    return streams || url.endsWith('/logs') ? [{ url, role: config?.role ?? 'none' }] : []
  })
  return found.map(({ url, role }) => ({
    path: `${url
      .replace('/api/v1', '')
      .replace('/jobs/:id', `/jobs/${job}`)
      .replace(':name', hello)
      .replace(
        '/terminals/:id',
        `/terminals/${'0'.repeat(32)}`,
      )}${url.endsWith('/logs') ? '?follow=true' : ''}`,
    role,
  }))
}

t.test('every live stream: who may open it, and that it ends with the session', async (t) => {
  const jobs = (await box.api<{ jobs: { id: string }[] }>('GET', '/jobs?limit=1')).body
  const all = streams(jobs.jobs[0]?.id ?? '')
  t.comment(all.map(({ path, role }) => `${path} (${role})`).join(', '))
  t.ok(all.length >= 3)
  for (const { path } of all) t.notMatch(path, /:/, 'every stream is at an address of this box')
  const accept = { ...page, accept: 'text/event-stream' }
  const viewer = await person('viv', 'viewer')
  for (const { path, role } of all) {
    t.equal((await ask('GET', path, undefined, accept)).status, 401, `${path} without a session`)
    for (const site of ['same-site', 'cross-site'])
      t.equal(
        (
          await ask('GET', path, undefined, {
            accept: 'text/event-stream',
            'sec-fetch-site': site,
            cookie: viewer,
          })
        ).status,
        401,
        `${path} for a page of another ${site}`,
      )
    if (role !== 'viewer')
      t.equal(
        (await ask('GET', path, undefined, { ...accept, cookie: viewer })).status,
        403,
        `${path} for a viewer`,
      )
  }

  const ways: [string, (name: string, cookie: string) => Promise<unknown>][] = [
    ['the person signs out', (_, cookie) => ask('DELETE', '/session', undefined, { ...page, cookie })],
    ['an administrator signs them out', (name) => box.api('DELETE', `/users/${name}/sessions`)],
    ['their role changes', (name) => box.api('PATCH', `/users/${name}`, { role: 'viewer' })],
    ['they are removed', (name) => box.api('DELETE', `/users/${name}`)],
    [
      'they change their password',
      (_, cookie) =>
        ask(
          'PUT',
          '/account/password',
          { current: PASSWORD, password: 'un lapin mange sept carottes' },
          { ...page, cookie },
        ),
    ],
  ]
  await Promise.all(
    ways.map(async ([way, end], index) => {
      const name = `stream${index}`
      const cookie = await person(name, 'operator')
      // a finished job's stream ends by itself
      const opened = await Promise.all(
        all
          // a terminal's is only its own session's: test/powers.test.ts
          .filter(({ path, role }) => !path.startsWith('/jobs/') && role !== 'administrator')
          .map(async ({ path }) => ({
            path,
            response: await open('GET', path, undefined, { ...accept, cookie }),
          })),
      )
      const ends = opened.map(async ({ path, response }) => {
        t.equal(response.statusCode, 200, path)
        response.resume()
        await once(response, 'end')
        return path
      })
      const before = await Promise.race([
        Promise.race(ends),
        new Promise((resolve) => setTimeout(resolve, 1000, 'open')),
      ])
      t.equal(before, 'open', 'streams are open before')
      await end(name, cookie)
      t.equal((await Promise.all(ends)).length, opened.length, `streams end when ${way}`)
    }),
  )
})

t.test('the audit log tells who changed config.yml, and how', async (t) => {
  const cookie = await person('axel', 'administrator')
  const asAxel = { ...page, cookie }
  const { text, etag } = (await ask<{ text: string; etag: string }>('GET', '/config', undefined, asAxel)).body
  const put = await ask(
    'PUT',
    '/config',
    { text: `${text}  timezone: Europe/Paris\n` },
    { ...asAxel, 'if-match': etag },
  )
  t.equal(put.status, 200)
  const stop = await ask<{ job: { id: string } }>('POST', `/minions/${hello}/stop`, undefined, asAxel)
  t.equal(stop.status, 202)
  succeeded(t, await box.ended(stop.body.job.id))
  const { body } = await box.api<{ entries: { action: string }[] }>('GET', '/audit?actor=axel&limit=20')
  t.match(
    body.entries.filter(({ action }) => action === 'writeConfig'),
    [
      { actor: 'axel', via: 'job', change: /\+.*state: stopped/ },
      { actor: 'axel', via: 'user', address: '127.0.0.1', change: '+  timezone: Europe/Paris' },
    ],
  )
  t.match(
    (await box.cli(['audit', '--actor', 'axel'])).stdout,
    /writeConfig +job\n(?: {4}.*\n)* {4}\+.*state: stopped/,
  )
})

t.test('the commands of docs/accounts.md, as they are written', async (t) => {
  const text = readFileSync(join(import.meta.dirname, '../docs/accounts.md'), 'utf8')
  const lines = [...text.matchAll(/^```sh\n([^`]*)^```$/gm)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  )
  // there is somebody by now; and who was removed has no password to forget
  const late = lines.filter((line) => line.includes('user remove'))
  const now = lines.filter((line) => !line.includes('user remove') && !line.includes('setup-link'))
  t.ok(now.length >= 9)
  for (const line of [...now, ...late]) {
    const [program, ...args] = line.split(' ')
    t.equal(program, 'summoner')
    const { code, stderr } = await box.cli(args)
    t.equal(code, 0, `${line}: ${stderr}`)
  }
})

t.test('figures of real containers and real visits', async (t) => {
  succeeded(t, await box.run('POST', `/minions/${hello}/start`))
  const values = async (metric: string) => {
    const path = `/minions/${hello}/samples?metric=${metric}&range=hour`
    const { status, body } = await box.api<{ series: { name: string; values: (number | null)[] }[] }>(
      'GET',
      path,
    )
    t.equal(status, 200)
    return body.series.flatMap((one) => one.values).filter((value) => value !== null)
  }
  const address = `${hello}.${box.domain}`
  const { body: made } = await box.api<{ token: string }>('POST', '/tokens', {
    name: 'scraper',
    role: 'viewer',
  })
  const scrape = () => ask<string>('GET', '/-/metrics', undefined, { authorization: `Bearer ${made.token}` })
  // a look comes each ten seconds
  for (const deadline = Date.now() + 60_000; ;) {
    await box.visit(address)
    const seen = {
      memory: await values('memory'),
      requests: await values('requests'),
      times: await values('response_time'),
      scraped: (await scrape()).body,
    }
    const some = (list: number[]) => list.some((value) => value > 0)
    const whole = some(seen.memory) && some(seen.requests) && some(seen.times)
    if (whole && seen.scraped.includes(`summoner_container_memory_bytes{minion="${hello}",`)) break
    if (Date.now() > deadline) throw new Error(JSON.stringify(seen))
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  t.equal((await box.api('GET', '/minions/nobody/samples?metric=cpu')).status, 404)
  const { body: hostFacts } = await box.api<{ memory: { total: number }; disks: object[] }>('GET', '/host')
  t.ok(hostFacts.memory.total > 0)
  t.ok(hostFacts.disks.length > 0)
  t.equal((await ask('GET', '/-/metrics')).status, 401)
  const metrics = await scrape()
  t.equal(metrics.status, 200)
  t.match(metrics.headers['content-type'], 'text/plain; version=0.0.4')
  t.match(metrics.body, new RegExp(`summoner_container_memory_bytes\\{minion="${hello}",`))
  t.match(metrics.body, new RegExp(`summoner_vhost_requests_total\\{host="${address}"\\} [1-9]`))
})
