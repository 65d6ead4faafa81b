import t from 'tap'
import type { Minion } from '../../../server/minions/minion.ts'
import { needs } from './attention.ts'

const now = Date.parse('2026-11-21T12:00:00Z')
const minion = (more: Partial<Minion>): Minion => ({
  name: 'cloud',
  template: 'nextcloud',
  status: 'running',
  desired: 'running',
  drift: [],
  pending: false,
  containers: [],
  ...more,
})
const kinds = (input: Parameters<typeof needs>[0]) => needs(input).map(({ kind, tone }) => `${kind} ${tone}`)

t.test('a quiet box needs nobody', (t) => {
  t.same(
    kinds({
      minions: [minion({}), minion({ status: 'stopped', desired: 'stopped' })],
      certificates: [{ name: 'a', notBefore: '2026-10-20T12:00:00Z', notAfter: '2027-01-18T12:00:00Z' }],
      host: { diskUsed: 0.5, memoryUsed: 0.6, diskDaysLeft: 300 },
      now,
    }),
    [],
  )
  t.end()
})

t.test('the gravest comes first', (t) => {
  t.same(
    kinds({
      minions: [
        minion({ pending: true }),
        minion({ status: 'degraded', drift: ['image'] }),
        minion({ status: 'stopped' }),
        minion({ status: 'failed', pending: true }),
        minion({ pending: true, job: 'j' }),
      ],
      certificates: [
        {
          name: 'a',
          notBefore: '2026-08-25T12:00:00Z',
          notAfter: '2026-11-23T12:00:00Z',
          acme: { lastError: 'no' },
        },
      ],
      host: { diskUsed: 0.93, diskDaysLeft: 5, memoryUsed: 0.97 },
      now,
    }),
    [
      'failed bad',
      'certificate bad',
      'degraded warn',
      'drift warn',
      'halted warn',
      'disk warn',
      'memory warn',
      'pending notice',
    ],
  )
  const pending = needs({ minions: [minion({ pending: true }), minion({ pending: true, job: 'j' })], now })
  t.match(pending, [{ kind: 'pending', minions: { length: 1 } }], 'what is being done needs nobody')
  t.end()
})

t.test('a backup that failed is told until one is made', (t) => {
  t.same(
    kinds({ minions: [minion({})], unsaved: [{ minion: 'cloud', problem: 'The disk is full.' }], now }),
    ['unsaved warn'],
  )
  t.end()
})

t.test('a certificate of six days is well for days', (t) => {
  const certificates = (hours: number) => [
    {
      name: 'a',
      notBefore: new Date(now - (160 - hours) * 3_600_000).toISOString(),
      notAfter: new Date(now + hours * 3_600_000).toISOString(),
    },
  ]
  t.same(kinds({ minions: [], certificates: certificates(70), now }), [])
  t.same(kinds({ minions: [], certificates: certificates(30), now }), ['certificate warn'])
  t.same(kinds({ minions: [], certificates: certificates(15), now }), ['certificate bad'])
  t.end()
})
