import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { SummonerError } from '../errors.ts'
import { createHttp } from './create-http.ts'
import { createWebPage } from './web-page.ts'

async function build(t: Test, files: Record<string, string> | undefined) {
  const dir = join(t.testdir({ web: {} }), 'web/dist')
  const write = (all: Record<string, string>) => {
    mkdirSync(join(dir, 'assets'), { recursive: true })
    for (const [name, text] of Object.entries(all)) writeFileSync(join(dir, name), text)
  }
  if (files) write(files)
  const app = await createHttp({
    logger: pino({ level: 'silent' }),
    authenticate: () => {
      throw new SummonerError('auth.required', 'no')
    },
    page: createWebPage({ dir }),
    version: '1',
  })
  await app.ready()
  t.teardown(() => app.close())
  const get = async (url: string, accept = 'text/html') => app.inject({ url, headers: { accept } })
  return { app, get, write }
}

const FILES = {
  'index.html': '<!doctype html><script type="module" src="/assets/index-4f2a.js"></script>',
  'assets/index-4f2a.js': 'export {}',
  'favicon.svg': '<svg/>',
  '.summoner': 'digest',
}

t.test('one document for every address of the page', async (t) => {
  const { get } = await build(t, FILES)
  for (const url of ['/', '/minions', '/minions/cloud', '/setup', '/users/zoe@example.org/x', '/?a=b']) {
    const { statusCode, headers, body } = await get(url)
    t.equal(statusCode, 200, url)
    t.match(headers, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
    t.equal(body, FILES['index.html'])
  }
  for (const url of ['/api/v1/nothing', '/api', '/hooks/x/y', '/hooks', '/assets/gone.js', '/metrics/x']) {
    const { statusCode, headers } = await get(url)
    t.equal(statusCode, 404, url)
    t.match(headers['content-type'], /^application\/problem\+json/, url)
  }
  t.equal((await get('/minions/cloud', 'application/json')).statusCode, 404, 'programs get no page')
})

t.test('a file whose name changes with its content is kept for a year', async (t) => {
  const { get } = await build(t, FILES)
  const { statusCode, headers, body } = await get('/assets/index-4f2a.js')
  t.equal(statusCode, 200)
  t.equal(body, 'export {}')
  t.match(headers, {
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': /^(text|application)\/javascript/,
    'x-content-type-options': 'nosniff',
  })
  t.match((await get('/favicon.svg')).headers, { 'cache-control': 'public, max-age=3600' })
})

t.test('nothing else of the disk is served', async (t) => {
  const { get } = await build(t, FILES)
  for (const url of [
    '/.summoner',
    '/assets/../.summoner',
    '/assets/..%2f.summoner',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/..%5c..%5cpackage.json',
    '/..%2f..%2fpackage.json',
    '/assets/%00',
    '/assets/',
    '/package.json',
  ]) {
    const { statusCode, body } = await get(url, 'text/plain')
    t.ok(statusCode >= 400, `${url}: ${statusCode}`)
    t.notMatch(body, /digest|"name"/, url)
  }
})

t.test('no script, style or frame but its own', async (t) => {
  const { get } = await build(t, FILES)
  const policy = String((await get('/')).headers['content-security-policy'])
  for (const part of [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
  ])
    t.ok(policy.split(';').includes(part), part)
  t.notMatch(policy, /unsafe|https?:|\*/)
  t.match((await get('/')).headers, {
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  })
})

t.test('without a page the way to one is told; built later, it is there at once', async (t) => {
  const { get, write } = await build(t, undefined)
  const { statusCode, headers, body } = await get('/')
  t.equal(statusCode, 200)
  t.equal(headers['content-type'], 'text/plain; charset=utf-8')
  t.match(body, /install\.sh/)
  t.equal((await get('/minions/cloud')).statusCode, 404)
  write(FILES)
  t.equal((await get('/')).body, FILES['index.html'])
  t.equal((await get('/assets/index-4f2a.js')).statusCode, 200)
})
