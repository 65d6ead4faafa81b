import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { createOutgoing, RefusedAddress, type OutgoingDeps } from './outgoing.ts'
import { allowList, isPublic } from './public-address.ts'

const rows: [address: string, expected: boolean][] = [
  ['1.1.1.1', true],
  ['93.184.216.34', true],
  ['2606:4700:4700::1111', true],
  ...[
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '192.0.2.1',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    'not an address',
    '',
  ].map((address): [string, boolean] => [address, false]),
  ['172.32.0.1', true],
  ['100.128.0.1', true],
]
t.test('addresses', async (t) => {
  for (const [address, expected] of rows) t.equal(isPublic(address), expected, address)
  const allowed = allowList(['10.1.0.0/16', '192.168.7.7', 'fd00::/8', 'nonsense', '10.0.0.0/99'])
  t.ok(allowed('10.1.9.9') && allowed('192.168.7.7') && allowed('fd12::1'))
  t.notOk(allowed('10.2.0.1') || allowed('192.168.7.8') || allowed('::1') || allowed('nonsense'))
})

t.test('the way out', async (t) => {
  const heard: { host?: string | undefined; url?: string | undefined }[] = []
  const server = createServer((request, response) => {
    heard.push({ host: request.headers.host, url: request.url })
    response.end(request.url === '/long' ? 'x'.repeat(1_000_000) : 'ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const names: Record<string, string[]> = {
    'inside.example': ['10.0.0.5'],
    'rebinds.example': ['93.184.216.34', '127.0.0.1'],
    'metadata.example': ['169.254.169.254'],
    'allowed.example': ['127.0.0.1'],
  }
  const outgoing = (more: Partial<OutgoingDeps> = {}) => {
    const made = createOutgoing({
      ownHosts: () => new Set(['chat.box.test']),
      ports: { http: port, https: 1 },
      ownAuthorities: () => [],
      allowed: () => false,
      userAgent: 'Summoner/test',
      lookup: ((host: string, _options: unknown, done: (error: null, found: unknown) => void) =>
        done(
          null,
          (names[host] ?? []).map((address) => ({ address, family: 4 })),
        )) as never,
      ...more,
    })
    t.teardown(made.close)
    return made
  }
  const get = (url: string, more: Partial<OutgoingDeps> = {}) =>
    outgoing(more).send({ method: 'POST', url, headers: {}, body: '{}' }, 2_000)

  const refused = [
    `http://127.0.0.1:${port}/`,
    `http://localhost.:${port}/`.replace('localhost.', '0x7f.1'),
    `http://2130706433:${port}/`,
    `http://0177.0.0.1:${port}/`,
    `http://[::1]:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://[64:ff9b::7f00:1]:${port}/`,
    `http://0/`,
    'http://inside.example/',
    'http://rebinds.example/',
    'http://metadata.example/latest/meta-data',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    `http://user:pass@allowed.example:${port}/`,
    'no address at all',
    `http://chat.box.test:${port}/`.replace('chat.box.test', '127.0.0.1'),
  ]
  for (const url of refused) await t.rejects(get(url), RefusedAddress, url)
  t.equal(heard.length, 0, 'nothing was reached')

  t.match(await get('http://chat.box.test/hooks/1'), { status: 200, body: 'ok' })
  t.match(heard, [{ host: 'chat.box.test', url: '/hooks/1' }], 'our own hosts are reached by our nginx')
  t.match(
    await get(`http://chat.box.test:${port}/hooks/2`),
    { status: 200 },
    'also by the port that nginx has',
  )
  await t.rejects(get(`http://chat.box.test:${port + 1}/`), 'another port of a host of ours is no way in')
  const here = { allowed: (address: string) => address === '127.0.0.1' }
  t.match(await get(`http://allowed.example:${port}/`, here), { status: 200 })
  t.match(await get(`http://127.0.0.1:${port}/`, here), { status: 200 })
  await t.rejects(get('http://inside.example/', here), RefusedAddress)
  const long = await get(`http://127.0.0.1:${port}/long`, here)
  t.ok(long.body.length <= 64 * 1024 && long.status === 200, 'a long answer is cut')
  server.closeAllConnections()
  server.close()
})

t.test('an answer that came while this process was busy came in time', async (t) => {
  const answered = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads')
    const server = require('node:http').createServer((request, response) => {
      if (request.url === '/silent') return
      response.once('finish', () => { Atomics.add(workerData, 0, 1); Atomics.notify(workerData, 0) }).end('ok')
    })
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
    { eval: true, workerData: answered },
  )
  const port = await new Promise<number>((resolve) => worker.once('message', resolve))
  const { send, close } = createOutgoing({
    ownHosts: () => new Set(),
    ports: { http: 80, https: 443 },
    ownAuthorities: () => [],
    allowed: () => true,
    userAgent: 'Summoner/test',
  })
  t.teardown(async () => {
    close()
    await worker.terminate()
  })
  const post = (path: string, timeoutMs: number) =>
    send({ method: 'POST', url: `http://127.0.0.1:${port}${path}`, headers: {}, body: '{}' }, timeoutMs)
  t.match(await post('/', 10_000), { status: 200 }, 'the connection is there')
  const late = post('/', 100)
  await new Promise(setImmediate)
  Atomics.wait(answered, 0, 1)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  t.match(await late, { status: 200, body: 'ok' })
  await t.rejects(post('/silent', 50), { message: 'no answer within 0.05 s' })
})
