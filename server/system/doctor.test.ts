import t from 'tap'
import { SummonerError } from '../errors.ts'
import { createDoctor, type Check, type Finding } from './doctor.ts'

const check = (id: string, run: () => Promise<Finding>): Check => ({ id, title: id, run })

t.test('one failed check fails the whole; warnings and skips do not', async (t) => {
  const fine = [
    check('a', async () => ({ state: 'ok', detail: 'x' })),
    check('b', async () => ({ state: 'warn', detail: 'x', hint: 'y' })),
    check('c', async () => ({ state: 'skip', detail: 'x' })),
  ]
  t.equal((await createDoctor(fine)()).ok, true)
  const report = await createDoctor([...fine, check('d', async () => ({ state: 'fail', detail: 'x' }))])()
  t.equal(report.ok, false)
  t.same(
    report.checks.map(({ id }) => id),
    ['a', 'b', 'c', 'd'],
    'in the order given',
  )
})

t.test('a check that throws is a finding: ours with its hint, others as not checkable', async (t) => {
  const { checks, ok } = await createDoctor([
    check('ours', async () => {
      throw new SummonerError('engine.unreachable', 'No socket.')
    }),
    check('odd', async () => {
      throw new Error('EACCES')
    }),
    check('sync', () => {
      throw new Error('at once')
    }),
  ])()
  t.equal(ok, false)
  t.match(checks[0], { state: 'fail', detail: 'No socket.', hint: /docker/u })
  t.match(checks[1], { state: 'warn', detail: /EACCES/u })
  t.match(checks[2], { state: 'warn', detail: /at once/u })
})

t.test('a check that hangs does not hold the others up', async (t) => {
  const { checks } = await createDoctor(
    [check('hangs', () => new Promise(() => {})), check('ok', async () => ({ state: 'ok', detail: '' }))],
    5,
  )()
  t.same(
    checks.map(({ state }) => state),
    ['warn', 'ok'],
  )
})
