import t from 'tap'
import { manyCertificates } from './many-certificates.ts'
import { pebbleMissing } from './pebble.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 100_000)

t.test('a dozen certificates under trouble', { skip: pebbleMissing(), timeout: 300_000 }, (t) => {
  t.testdir()
  return manyCertificates(t, 12, seed)
})
