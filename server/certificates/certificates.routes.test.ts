import Fastify from 'fastify'
import t from 'tap'
import { certificatesRoutes } from './certificates.routes.ts'

const certificate = {
  name: 'a.test',
  names: ['a.test'],
  issuer: 'Summoner internal root 1234',
  chain: ['Summoner internal root 1234'],
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2026-04-01T00:00:00.000Z',
  certificateFile: '/secret/place/fullchain.pem',
  keyFile: '/secret/place/privkey.pem',
  publiclyTrusted: false,
}

t.test('the list shows no paths and no keys; the root is for everyone', async (t) => {
  let now = new Date('2026-01-02T00:00:00Z')
  const app = Fastify()
  await app.register(
    certificatesRoutes({
      certificates: { list: () => [certificate], rootPem: () => 'PEM' },
      keeper: {
        list: () => [
          {
            names: ['a.test'],
            hosts: ['a.test'],
            directory: 'https://ca.test/dir',
            nextAttempt: '2026-01-02T00:01:00.000Z',
            lastError: 'a.test could not be proven',
            failures: 1,
            budget: [{ limit: 'tries', of: 'a.test', left: 3 }],
          },
        ],
        renew: async (host) => (host === 'b.test' ? [] : [{ names: ['a.test'] }]),
        check: async () => [{ names: ['a.test'], cause: 'no record' }],
      },
      now: () => now,
    }),
  )
  const list = await app.inject('/certificates')
  t.equal(list.statusCode, 200)
  t.notMatch(list.body, 'secret')
  t.match(list.json(), {
    certificates: [
      {
        name: 'a.test',
        renewalDue: false,
        acme: { failures: 1, lastError: 'a.test could not be proven', budget: [{ limit: 'tries', left: 3 }] },
      },
    ],
  })
  const renew = (body: object) => app.inject({ method: 'POST', url: '/certificates/renew', payload: body })
  t.same((await renew({ host: 'a.test' })).json(), [{ names: ['a.test'] }])
  t.not((await renew({ host: 'b.test' })).statusCode, 200)
  t.same((await app.inject({ method: 'POST', url: '/certificates/check' })).json(), [
    { names: ['a.test'], cause: 'no record' },
  ])
  now = new Date('2026-03-30T00:00:00Z')
  t.match((await app.inject('/certificates')).json(), { certificates: [{ renewalDue: true }] })
  const root = await app.inject('/ca.pem')
  t.equal(root.body, 'PEM')
  t.match(root.headers['content-type'], /^application\/x-pem-file/)
})
