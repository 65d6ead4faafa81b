import t from 'tap'
import { killOrders, killSwaps } from './certificate-kills.ts'
import { pebbleMissing } from './pebble.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 100_000)

t.test('kill -9 while certificates are ordered', { skip: pebbleMissing(), timeout: 300_000 }, (t) => {
  t.testdir()
  return killOrders(t, 6, seed)
})

t.test('kill -9 while a pair is swapped', { timeout: 120_000 }, (t) => {
  t.testdir()
  return killSwaps(t, 8, seed)
})
