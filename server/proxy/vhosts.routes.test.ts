import Fastify from 'fastify'
import t from 'tap'
import type { VhostState } from './publish.ts'
import { vhostsRoutes } from './vhosts.routes.ts'

const certificate = {
  name: 'a.test',
  names: ['a.test'],
  issuer: 'Summoner internal root 1234',
  chain: ['Summoner internal root 1234'],
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2026-04-01T00:00:00.000Z',
  certificateFile: '/c/fullchain.pem',
  keyFile: '/c/privkey.pem',
  publiclyTrusted: false,
}

t.test('the list says who owns each host and where it leads', async (t) => {
  const states: VhostState[] = [
    {
      vhost: {
        host: 'a.test',
        owner: 'minion:a',
        serve: {
          kind: 'upstream',
          servers: ['10.0.0.2:80'],
          protocol: 'http',
          maxBody: '1m',
          websocket: false,
          buffering: true,
          timeoutSeconds: 60,
          paths: [{ path: '/api/', servers: ['10.0.0.3:80'] }],
        },
        options: { https: 'noredirect', users: [{ name: 'ann', hash: '$6$secret' }], allow: ['10.0.0.0/8'] },
      },
      certificate,
    },
    { vhost: { host: 'b.test', owner: 'box', serve: { kind: 'redirect', to: 'a.test' } } },
    {
      vhost: { host: 'c.test', owner: 'minion:c', serve: { kind: 'page', reason: 'stopped' } },
      rejected: 'too odd',
    },
    { vhost: { host: 'd.test', owner: 'minion:d', serve: { kind: 'page', reason: 'starting' } } },
  ]
  const app = Fastify()
  await app.register(vhostsRoutes({ publisher: { states: () => states } }))
  const answer = await app.inject('/vhosts')
  t.equal(answer.statusCode, 200)
  t.notMatch(answer.body, 'secret', 'no hash leaves the box')
  t.same(answer.json<{ vhosts: unknown }>().vhosts, [
    {
      host: 'a.test',
      owner: 'minion:a',
      state: 'serving',
      upstreams: ['10.0.0.2:80'],
      paths: [{ path: '/api/', upstreams: ['10.0.0.3:80'] }],
      options: { https: 'noredirect', users: ['ann'], allow: ['10.0.0.0/8'] },
      tls: { issuer: certificate.issuer, notAfter: certificate.notAfter, publiclyTrusted: false },
    },
    { host: 'b.test', owner: 'box', state: 'redirect', upstreams: [], to: 'a.test' },
    { host: 'c.test', owner: 'minion:c', state: 'rejected', reason: 'too odd', upstreams: [] },
    { host: 'd.test', owner: 'minion:d', state: 'starting', upstreams: [] },
  ])
})
