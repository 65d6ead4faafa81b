import { pino } from 'pino'
import t from 'tap'
import { createHttp } from '../http/create-http.ts'
import { apply } from './apply.ts'
import { applyRoutes } from './apply.routes.ts'

type Deps = Parameters<typeof applyRoutes>[0]

t.test('apply to a minion that is not there', async (t) => {
  const deps = {
    config: { read: () => ({ config: { applications: [] } }) },
    wishes: { list: () => [] },
    projection: { connected: () => true, ours: () => [] },
    catalog: { reload: () => {} },
    dirs: { records: '/nowhere' },
    jobs: {},
  } as unknown as Deps
  t.throws(() => apply({ yes: true, actor: 'x', only: ['nope'] }, deps), { code: 'minion.unknown' })
  t.same(apply({ yes: true, actor: 'x', only: [] }, deps).jobs, [])
})

t.test('a stack that is not there, whatever its name', async (t) => {
  const http = await createHttp({
    logger: pino({ level: 'silent' }),
    authenticate: () => ({ name: 'x', role: 'operator' }),
    version: '1',
  })
  const config = { read: () => ({ config: { stacks: { web: [] } } }) }
  await http.register(applyRoutes({ config } as unknown as Deps))
  t.teardown(() => http.close())
  const up = async (name: string) =>
    http.inject({ method: 'POST', url: `/stacks/${name}/up`, headers: { authorization: 'Bearer x' } })
  t.equal((await up('web')).statusCode, 202)
  for (const name of ['wbe', 'constructor', '__proto__', 'toString'])
    t.match((await up(name)).json(), { status: 404, code: 'stack.unknown' }, name)
})
