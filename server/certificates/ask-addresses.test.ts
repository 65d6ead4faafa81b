import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import t from 'tap'
import { askAddresses } from './ask-addresses.ts'
import { openAuthority } from './authority.ts'

t.test('each address by itself: ours, of somebody else, silent, and through a redirect', async (t) => {
  const dir = t.testdir({ proofs: {} })
  const proofs = join(dir, 'proofs')
  const ours: RequestListener = (request, response) => {
    readFile(join(proofs, basename(request.url ?? ''))).then(
      (text) => response.end(text),
      () => response.writeHead(404).end(),
    )
  }
  const authority = await openAuthority({ dir: join(dir, 'ca'), used: () => false, now: () => new Date() })
  const pair = await authority.issue(['a.kit.test'])
  const secure = createSecure({ cert: pair.fullchain, key: pair.privateKey }, ours)
  await once(secure.listen(0, '127.0.0.3'), 'listening')
  const { port: securePort } = secure.address() as AddressInfo
  const listen = async (address: string, port: number, handler: RequestListener) => {
    const server = createServer(handler)
    await once(server.listen(port, address), 'listening')
    t.teardown(() => server.close().closeAllConnections())
    return (server.address() as AddressInfo).port
  }
  t.teardown(() => secure.close().closeAllConnections())
  const port = await listen('127.0.0.1', 0, ours)
  await listen('127.0.0.2', port, (_request, response) => response.end('welcome to nginx'))
  await listen('127.0.0.3', port, ({ url }, response) =>
    response.writeHead(301, { location: `https://a.kit.test:${securePort}${url}` }).end(),
  )
  await listen('127.0.0.4', port, (_request, response) =>
    response.writeHead(302, { location: 'http://elsewhere.test/' }).end(),
  )
  await listen('127.0.0.5', port, () => {})
  const found = await askAddresses(
    'a.kit.test',
    ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6'],
    { dir: proofs, port, timeoutMs: 300 },
  )
  t.same(Object.fromEntries(found), {
    '127.0.0.1': 'ours',
    '127.0.0.2': 'other',
    '127.0.0.3': 'ours',
    '127.0.0.4': 'other',
    '127.0.0.5': 'silent',
    '127.0.0.6': 'silent',
  })
})
