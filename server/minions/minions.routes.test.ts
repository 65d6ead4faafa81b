import { pino } from 'pino'
import t, { type Test } from 'tap'
import { SummonerError } from '../errors.ts'
import { createHttp } from '../http/create-http.ts'
import type { Role } from '../http/roles.ts'
import { minionsRoutes } from './minions.routes.ts'

type Deps = Parameters<typeof minionsRoutes>[0]

/** Nothing is there but what an earlier dismissal left of `old`. */
async function routes(t: Test, role: Role, valid = false) {
  const submitted: unknown[] = []
  const deps = {
    dirs: { minions: '/m', records: '/r' },
    readInstance: (dir: string) => (dir === '/m/old' ? {} : undefined),
    find: (name: string) => {
      throw new SummonerError('minion.unknown', `There is no minion called ${name}.`)
    },
    config: {
      read: () => {
        if (valid) return { config: { applications: [] } }
        throw new SummonerError('config.invalid', 'Reached the file.')
      },
    },
    jobs: {
      list: ({ minion }: { minion: string }) =>
        minion === 'coming' ? [{ kind: 'summon', state: 'queued' }] : [],
      submit: (request: unknown) => {
        submitted.push(request)
        return { id: 'j', kind: 'dismiss', state: 'queued', actor: 'x', createdAt: '', steps: [] }
      },
    },
  } as unknown as Deps
  const http = await createHttp({
    logger: pino({ level: 'silent' }),
    authenticate: () => ({ name: 'x', role }),
    version: '1',
  })
  await http.register(minionsRoutes(deps))
  t.teardown(() => http.close())
  const call = async (method: 'POST' | 'DELETE', url: string, payload?: object) =>
    http.inject({ method, url, headers: { authorization: 'Bearer x' }, ...(payload ? { payload } : {}) })
  return { call, submitted }
}

t.test('powers over the host are granted by administrators only', async (t) => {
  const body = { template: 'panel', grants: ['docker.sock'] }
  const operator = await routes(t, 'operator')
  t.match((await operator.call('POST', '/minions', body)).json(), { status: 403, code: 'auth.refused' })
  t.match((await operator.call('POST', '/minions', { ...body, grants: [] })).json(), {
    code: 'config.invalid',
  })
  const administrator = await routes(t, 'administrator')
  t.match((await administrator.call('POST', '/minions', body)).json(), { code: 'config.invalid' })
})

t.test('what a dismissal left can be purged later, and nothing else by that way', async (t) => {
  const { call, submitted } = await routes(t, 'operator')
  t.equal((await call('DELETE', '/minions/old')).statusCode, 404)
  t.equal((await call('DELETE', '/minions/state?purge=true')).statusCode, 404, 'a folder of ours')
  t.same(submitted, [])
  t.equal((await call('DELETE', '/minions/old?purge=true')).statusCode, 202)
  t.match(submitted, [{ kind: 'dismiss', minion: 'old', input: { minion: 'old', purge: true } }])
})

t.test('the same name twice in a moment: the second is refused, whatever it asks for', async (t) => {
  const { call, submitted } = await routes(t, 'operator', true)
  const second = await call('POST', '/minions', { template: 'ghost', name: 'coming' })
  t.match(second.json(), { status: 409, code: 'minion.exists' })
  t.same(submitted, [])
})
