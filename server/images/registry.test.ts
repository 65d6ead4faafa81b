import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { registryOf } from './pull.ts'
import { createRegistryProbe } from './registry.ts'

t.test('a registry is what answers /v2/ with 200 or 401', async (t) => {
  let status = 401
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/v2/' ? status : 404
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = (server.address() as AddressInfo).port
  const reachable = createRegistryProbe({})
  t.equal(await reachable(`127.0.0.1:${port}`), true)
  status = 200
  t.equal(await reachable(`127.0.0.1:${port}`), true)
  status = 503
  t.equal(await reachable(`127.0.0.1:${port}`), false, "a proxy's error page is no registry")
  await new Promise((resolve) => server.close(resolve))
  t.equal(await reachable(`127.0.0.1:${port}`), false)
})

t.test('the registry that a reference names', async (t) => {
  t.equal(registryOf('nginx:1'), 'docker.io')
  t.equal(registryOf('grafana/loki:1'), 'docker.io')
  t.equal(registryOf('localhost/x:1'), 'localhost')
  t.equal(registryOf('127.0.0.1:5000/x:1'), '127.0.0.1:5000')
  t.equal(registryOf('quay.io/a/b'), 'quay.io')
})
