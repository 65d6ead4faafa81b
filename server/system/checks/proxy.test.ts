import t from 'tap'
import { proxyCheck } from './proxy.ts'

t.test('good: it serves a generation', async (t) => {
  t.match(await proxyCheck({ generation: async () => '42' }).run(), { state: 'ok', detail: /42/u })
})
t.test('bad: it does not answer', async (t) => {
  t.match(await proxyCheck({ generation: async () => undefined }).run(), {
    state: 'fail',
    hint: /logs nginx/u,
  })
})
