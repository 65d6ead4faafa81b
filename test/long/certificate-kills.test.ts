import t from 'tap'
import { killOrders, killSwaps } from '../certificate-kills.ts'
import { pebbleMissing } from '../pebble.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 100_000)

t.test('kill -9 while certificates are ordered', { skip: pebbleMissing(), timeout: 1_800_000 }, (t) => {
  t.testdir()
  return killOrders(t, 60, seed)
})

t.test('kill -9 while a pair is swapped', { timeout: 600_000 }, (t) => {
  t.testdir()
  return killSwaps(t, 100, seed)
})
