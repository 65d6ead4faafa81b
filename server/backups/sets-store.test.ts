import t, { type Test } from 'tap'
import { join } from 'node:path'
import { openDatabase } from '../db/open-database.ts'
import { createSetsStore, type Made } from './sets-store.ts'
import { setIdOf } from './set.ts'

const silent = { info: () => {}, warn: () => {}, error: () => {} }

function setUp(t: Test) {
  const { db } = openDatabase({ file: join(t.testdir(), 'x.db'), log: silent })
  t.teardown(() => db.close())
  return createSetsStore(db)
}

const made: Made = {
  at: '2026-01-01T03:00:04Z',
  endedAt: '2026-01-01T03:01:00Z',
  stopped: true,
  downtimeMs: 1500,
  files: 3,
  bytes: 11,
  added: 700,
  dataSnapshot: 'aa',
  manifestSnapshot: 'bb',
  manifest: '{}',
}
const begun = (id: string, job: string) => ({
  id,
  minion: 'cloud',
  job,
  reason: 'request' as const,
  startedAt: '2026-01-01T03:00:00Z',
})

t.test('from running to good, with its proof', (t) => {
  const sets = setUp(t)
  sets.begin(begun('cloud-1', 'j1'))
  t.match(sets.get('cloud-1'), { state: 'running', stopped: false })
  t.throws(() => sets.restorable('cloud-1'), { code: 'set.unknown', message: /is running/ })
  sets.finish('cloud-1', made)
  t.match(sets.restorable('cloud-1'), { state: 'good', downtimeMs: 1500, added: 700, dataSnapshot: 'aa' })
  t.same(sets.fail('j1', 'later', 'no'), [], 'a good set does not fail afterwards')
  sets.beginProof('cloud-1', 'j2', 'a')
  t.equal(sets.get('cloud-1').proof, undefined, 'one that runs says nothing yet')
  sets.beginProof('cloud-1', 'j2', 'a')
  t.equal(sets.endProof('j2', { at: 'a', passed: true, rtoMs: 5, checks: [] }), 'cloud-1')
  t.equal(sets.endProof('j2', { at: 'a', passed: false, checks: [] }), undefined, 'it has told')
  sets.beginProof('cloud-1', 'j3', 'b')
  sets.endProof('j3', { at: 'b', passed: false, checks: [], problem: 'sick' })
  sets.beginProof('cloud-1', 'j4', 'c')
  t.equal(sets.forgetProof('j4'), 'cloud-1')
  t.match(sets.get('cloud-1').proof, { at: 'b', passed: false, problem: 'sick' }, 'the newest counts')
  sets.removed('cloud-1')
  t.throws(() => sets.restorable('cloud-1'), { code: 'set.unknown', message: /is removed/ })
  t.throws(() => sets.get('no'), { code: 'set.unknown' })
  t.end()
})

t.test('a job that begins again has one set', (t) => {
  const sets = setUp(t)
  sets.begin(begun('cloud-1', 'j1'))
  sets.begin(begun('cloud-2', 'j1'))
  t.same(
    sets.list().map(({ id }) => id),
    ['cloud-2'],
  )
  t.same(sets.fail('j1', '2026-01-01T03:02:00Z', 'the disk is full'), ['cloud-2'])
  t.match(sets.list({ minion: 'cloud', state: 'failed' }), [{ problem: 'the disk is full' }])
  t.same(sets.list({ minion: 'other' }), [])
  t.end()
})

t.test('names do not collide', (t) => {
  const at = new Date('2026-11-21T03:00:09.5Z')
  t.equal(
    setIdOf('cloud', at, () => false),
    'cloud-20261121-030009',
  )
  t.equal(
    setIdOf('cloud', at, (id) => !id.endsWith('-3')),
    'cloud-20261121-030009-3',
  )
  t.end()
})
