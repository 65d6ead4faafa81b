import t from 'tap'
import { engineCheck } from './engine.ts'

const engineOf = (apiVersion: string) => ({
  info: async () => ({
    version: '27.1',
    apiVersion,
    os: 'linux',
    storageDriver: 'overlay2',
    rootDir: '/d',
    cpus: 2,
    memory: 1,
  }),
})

t.test('good: new enough', async (t) => {
  t.match(await engineCheck({ engine: engineOf('1.41') }).run(), {
    state: 'ok',
    detail: /Docker 27\.1, API 1\.41/u,
  })
})
t.test('bad: too old', async (t) => {
  t.match(await engineCheck({ engine: engineOf('1.39') }).run(), { state: 'fail', hint: /install/u })
})
