import t from 'tap'
import { sampleContainer } from '../../test/samples.ts'
import { driftOf, fingerprint } from './fingerprint.ts'

const expected = { ghost: fingerprint(sampleContainer()) }

t.test('restarts, health and order of variables are no drift', async (t) => {
  t.same(driftOf(expected, [sampleContainer({ restartCount: 4, health: 'starting', id: 'other' })]), [])
})
t.test('a hand-made change is named by field, without values', async (t) => {
  const drift = driftOf(expected, [sampleContainer({ memoryLimit: 1, env: { url: 'secret' } })])
  t.same(drift, ['blog-kit.test was changed by hand: memory, env'])
})
t.test('missing and foreign containers are named', async (t) => {
  t.same(driftOf(expected, []), ['container of ghost is gone'])
  const stranger = sampleContainer({ service: 'extra', name: 'extra-1' })
  t.same(driftOf(expected, [sampleContainer(), stranger]), ['extra-1 was not brought up by Summoner'])
})
