import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { Container } from '../docker/container.ts'
import { createDatabases, type DatabasesDeps } from './create-databases.ts'

const SERVER = 'databases-postgres-17'

t.test('a server is told one thing at a time, and a refusal holds nothing up', async (t) => {
  const container = { id: 'c', state: 'running', health: 'healthy', env: {} } as unknown as Container
  let atOnce = 0
  let most = 0
  let told = 0
  const databases = createDatabases({
    engine: {
      inspect: async () => container,
      execIn: async () => {
        most = Math.max(most, ++atOnce)
        await turn()
        atOnce--
        return ++told === 2 ? { code: 1, stdout: '', stderr: 'no' } : { code: 0, stdout: '', stderr: '' }
      },
    },
    projection: { ours: () => [container] },
    jobs: {},
    onError: (error: unknown) => t.error(error),
  } as unknown as DatabasesDeps)
  const ended = await Promise.allSettled(
    ['a', 'b', 'c', 'd'].map((name) => databases.dropOne(SERVER, `app_${name}`)),
  )
  t.strictSame(
    ended.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  )
  t.match(ended[1], { reason: { code: 'database.server', message: /no/ } })
  t.equal(most, 1)
})
