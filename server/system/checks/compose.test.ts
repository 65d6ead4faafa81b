import t from 'tap'
import { composeCheck } from './compose.ts'
import { execOf } from './exec.fixture.ts'

const compose = (stdout: string) =>
  composeCheck({ exec: execOf({ 'docker compose version --short': stdout }) }).run()

t.test('good: new enough, with or without a v', async (t) => {
  t.match(await compose('v2.20.0\n'), { state: 'ok', detail: 'Compose 2.20.0' })
  t.match(await compose('5.1.0'), { state: 'ok' })
})
t.test('bad: too old, silent, missing', async (t) => {
  t.match(await compose('2.17.3'), { state: 'fail', detail: /too old/u, hint: /install/u })
  t.match(await compose(''), { state: 'fail' })
  t.match(await composeCheck({ exec: execOf({}) }).run(), { state: 'fail', detail: /does not run/u })
})
