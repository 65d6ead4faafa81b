import t from 'tap'
import type { Config } from './config.ts'
import { createGlance } from './glance.ts'

t.test('one look serves many questions, until it is old or the file was written', async (t) => {
  let looks = 0
  let at = 1_000
  const { config, forget } = createGlance(
    () => ({ domain: `look-${++looks}` }) as Config,
    () => at,
    100,
  )
  for (let count = 0; count < 50; count++) t.equal(config().domain, 'look-1')
  at += 100
  t.equal(config().domain, 'look-2')
  forget()
  t.equal(config().domain, 'look-3')
  at -= 60_000
  t.equal(config().domain, 'look-4', 'the clock was set back')
  t.equal(config().domain, 'look-4')
})
