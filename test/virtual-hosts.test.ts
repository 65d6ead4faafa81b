/** A whole box: options from config.yml, services outside Docker, and containers that ask as nginx-proxy's do. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createBox, engine } from './box.ts'

interface Vhost {
  host: string
  owner: string
  state: string
  reason?: string
  upstreams: string[]
  options?: Record<string, unknown>
}

const box = await createBox()
const web = box.name('web')
const host = `${web}.${box.domain}`
const started: string[] = []
let image = ''
t.teardown(async () => {
  for (const name of started) execFileSync('docker', ['rm', '-f', name], { stdio: 'ignore' })
  await box.remove()
})

const vhost = async (name: string) =>
  (await box.api<{ vhosts: Vhost[] }>('GET', '/vhosts')).body.vhosts.find((one) => one.host === name)
const waitFor = async (condition: () => Promise<boolean>, what: string) => {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition().catch(() => false)) return
    await sleep(100)
  }
  t.fail(`never happened: ${what}`)
}
const status = async (name: string, path = '/', headers: Record<string, string> = {}) =>
  (await box.visit(name, path, { headers })).status
/** A container of somebody else, which says its name on port 8080 and "other" on 9090. */
const foreign = (name: string, env: Record<string, string>) => {
  const full = box.name(name)
  started.push(full)
  const serve = (folder: string, text: string, port: number) =>
    `mkdir -p /tmp/${folder}/sub && echo ${text} | tee /tmp/${folder}/index.html /tmp/${folder}/sub/index.html && busybox httpd -p ${port} -h /tmp/${folder}`
  execFileSync('docker', [
    'run',
    '-d',
    '--name',
    full,
    '--stop-timeout',
    '1',
    ...Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
    image,
    'sh',
    '-c',
    `${serve('a', name, 8080)} && ${serve('b', 'other', 9090)} && exec sleep 1000`,
  ])
  return full
}

t.test('a minion with options; without its secret it is closed, not open', async (t) => {
  const job = await box.run('POST', '/minions', { template: 'hello', name: web })
  t.equal(job.state, 'succeeded', JSON.stringify(job.problem))
  t.equal(await status(host), 200)
  const ours = await engine.listContainers({ labels: [`io.summoner.box=${box.boxId()}`] })
  image = ours.find(({ labels }) => labels['io.summoner.minion'] === web)?.image ?? ''
  const service = createServer((request, response) => response.end(`outside ${request.headers.host}`))
  await once(service.listen(0, '127.0.0.1'), 'listening')
  const socket = join(box.data, 'run/web/notes.sock')
  const notes = createServer((_request, response) => response.end('over a socket'))
  await once(notes.listen(socket), 'listening')
  chmodSync(socket, 0o666)
  t.teardown(() => {
    for (const server of [service, notes]) server.close().closeAllConnections()
  })
  const { body } = await box.api<{ text: string; etag: string }>('GET', '/config')
  const options = `proxy: {auth: [{user: ann, password: {secret: web-ann}}], headers: {X-Robots-Tag: noindex}, redirect_from: [www.${host}], static: {/robots.txt: robots.txt}}`
  const text = `${body.text.replace('template: hello', `template: hello, ${options}`)}
  sites:
    - {host: tool.${box.domain}, upstream: "http://127.0.0.1:${(service.address() as AddressInfo).port}"}
    - {host: notes.${box.domain}, upstream: "unix:notes.sock"}
    - {host: old.${box.domain}, redirect: tool.${box.domain}}
`
  t.match(text, options)
  const put = await box.api('PUT', '/config', { text }, { 'if-match': body.etag })
  t.equal(put.status, 200, JSON.stringify(put.body))
  await waitFor(
    async () => (await vhost(host))?.state === 'rejected',
    'the host without its secret is closed',
  )
  t.match((await vhost(host))?.reason, 'web-ann')
  await t.rejects(box.visit(host), 'no answer at all')

  t.equal((await box.api('PUT', '/secrets/web-ann', { value: 'correct horse' })).status, 200)
  await waitFor(async () => (await status(host)) === 401, 'the secret is enough, nothing else is asked for')
  const authorization = `Basic ${Buffer.from('ann:correct horse').toString('base64')}`
  const page = await box.visit(host, '/', { headers: { authorization } })
  t.equal(page.status, 200)
  t.equal(page.headers['x-robots-tag'], 'noindex')
  mkdirSync(join(box.data, 'proxy/static'), { recursive: true })
  writeFileSync(join(box.data, 'proxy/static/robots.txt'), 'Disallow: /\n')
  t.equal((await box.visit(host, '/robots.txt', { headers: { authorization } })).body, 'Disallow: /\n')
  const moved = await box.visit(`www.${host}`, '/x')
  t.equal(moved.status, 308)
  t.equal(moved.headers['location'], `https://${host}:${box.httpsPort}/x`)
  await waitFor(async () => (await vhost(host))?.state === 'serving', 'the list says so')
  t.match((await vhost(host))?.options, { users: ['ann'], headers: { 'X-Robots-Tag': 'noindex' } })
  const told = JSON.stringify((await box.api('GET', '/vhosts')).body)
  t.notMatch(told, /\$6\$|correct horse/)
  t.same(await box.apply(), [], 'no container changed')

  t.equal((await box.visit(`tool.${box.domain}`)).body, `outside tool.${box.domain}:${box.httpsPort}`)
  t.equal((await box.visit(`notes.${box.domain}`)).body, 'over a socket')
  t.equal(await status(`old.${box.domain}`), 308)
})

t.test('hooks. opens nothing but the hooks', async (t) => {
  const hooks = `hooks.${box.domain}`
  for (const path of ['/', '/api/v1/health', '/api/v1/openapi.json', '/hooks/../api/v1/health'])
    t.equal(await status(hooks, path), 404, path)
  const through = await box.visit(hooks, '/hooks/none/at-all')
  t.match(through.headers['content-type'], 'json', 'the daemon itself answers')
  t.equal(await status(`summoner.${box.domain}`, '/api/v1/health'), 200)
})

t.test('containers that ask in their environment', async (t) => {
  const name = (label: string) => `${label}.${box.domain}`
  foreign('list', {
    VIRTUAL_HOST: `${name('one')},${name('two')}, *.${name('wild')} ,~^bad`,
    VIRTUAL_PORT: '8080',
  })
  foreign('deaf', { VIRTUAL_HOST: name('deaf'), VIRTUAL_PORT: 'none' })
  foreign('dead', { VIRTUAL_HOST: name('dead'), VIRTUAL_PORT: '7777' })
  foreign('plain', { VIRTUAL_HOST: name('plain'), VIRTUAL_PORT: '8080', HTTPS_METHOD: 'nohttps' })
  foreign('inside', { VIRTUAL_HOST: name('inside'), VIRTUAL_PORT: '8080', NETWORK_ACCESS: 'internal' })
  foreign('named', { VIRTUAL_HOST: name('named'), VIRTUAL_PORT: '8080', CERT_NAME: 'nobody' })
  foreign('path', {
    VIRTUAL_HOST: name('one'),
    VIRTUAL_PORT: '9090',
    VIRTUAL_PATH: '/other/',
    VIRTUAL_DEST: '/sub/',
  })
  foreign('ports', {
    VIRTUAL_HOST_MULTIPORTS: `${name('ports')}:\n  "/": {port: 8080}\n  "/b/": {port: 9090, dest: "/"}\n${name('b')}:\n  "/": {port: 9090}\n`,
  })
  await waitFor(async () => (await status(name('b'))) === 200, 'the last container is served')
  const says = async (at: string, path = '/') => (await box.visit(name(at), path)).body.trim()
  t.equal(await says('one'), 'list')
  t.equal(await says('two'), 'list')
  t.equal(await says('any.wild'), 'list', 'a wildcard, with a certificate of its own')
  t.match(await vhost('~^bad'), { state: 'rejected', reason: /Regular expressions/ })
  t.equal(await says('one', '/other/'), 'other')
  t.equal(await says('ports'), 'ports')
  t.equal(await says('ports', '/b/'), 'other')
  t.equal(await says('b'), 'other')
  t.equal(await status(name('deaf')), 503, 'no port is known')
  t.equal((await vhost(name('deaf')))?.state, 'unreachable')
  t.equal(await status(name('dead')), 503, 'nobody listens')
  t.equal((await box.visit(name('plain'), '/', { plain: true })).body.trim(), 'plain')
  t.equal(await says('inside'), 'inside', 'this machine is inside')
  t.ok((await vhost(name('inside')))?.options?.['allow'])
  t.match(await vhost(name('named')), { state: 'rejected', reason: /no certificate called nobody/ })
})

t.test('containers that share a host: one goes, no request is lost', async (t) => {
  const shared = `shared.${box.domain}`
  const env = { VIRTUAL_HOST: shared, VIRTUAL_PORT: '8080' }
  const first = foreign('first', env)
  foreign('second', env)
  await waitFor(async () => (await vhost(shared))?.upstreams.length === 2, 'both are in')
  const seen = new Set<string>()
  let going = true
  let failed = 0
  let asked = 0
  const visitors = Array.from({ length: 4 }, async () => {
    while (going) {
      const answer = await box.visit(shared).catch(() => undefined)
      asked++
      if (answer?.status === 200) seen.add(answer.body.trim())
      else failed++
    }
  })
  await sleep(500)
  execFileSync('docker', ['stop', first], { stdio: 'ignore' })
  await waitFor(async () => (await vhost(shared))?.upstreams.length === 1, 'the stopped one is out')
  await sleep(300)
  going = false
  await Promise.all(visitors)
  t.same([...seen].sort(), ['first', 'second'])
  t.equal(failed, 0, `${failed} of ${asked} failed`)
})
