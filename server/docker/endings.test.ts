import t from 'tap'
import { sampleContainer } from '../../test/samples.ts'
import type { EngineEvent } from './container.ts'
import { createEndings } from './endings.ts'

const told = (
  action: string,
  attributes: Record<string, string> = {},
  at = '2026-11-21T10:00:00Z',
): EngineEvent => ({
  type: 'container',
  action,
  id: 'c1',
  attributes,
  timeNano: Date.parse(at) * 1e6,
})
const running = sampleContainer({ startedAt: '2026-11-21T09:00:00Z', pid: 7 })

t.test('the engine starts again what it did not stop itself', async (t) => {
  const endings = createEndings()
  t.match(endings(told('die', { exitCode: '1' }), running), {
    state: 'restarting',
    health: 'none',
    exitCode: 1,
    finishedAt: '2026-11-21T10:00:00.000Z',
    pid: undefined,
  })
  endings(told('kill', { signal: '9' }), running)
  t.match(endings(told('die', { exitCode: '137' }), running), { state: 'exited', exitCode: 137 })
  t.match(
    endings(told('die', { exitCode: '1' }), running),
    { state: 'restarting' },
    'the next life is its own',
  )
  for (const [policy, code, state] of [
    ['no', '1', 'exited'],
    ['on-failure', '1', 'restarting'],
    ['on-failure', '0', 'exited'],
    ['always', '0', 'restarting'],
  ] as const)
    t.match(
      endings(told('die', { exitCode: code }), { ...running, restartPolicy: policy }),
      { state },
      `${policy}, ${code}`,
    )
})

t.test('a signal to reload is no end, want of memory is known', async (t) => {
  const endings = createEndings()
  t.equal(endings(told('kill', { signal: '1' }), running), undefined)
  t.equal(endings(told('oom'), running), undefined)
  t.match(endings(told('die', { exitCode: '137' }), running), { state: 'restarting', starved: true })
  endings(told('oom'), running)
  endings(told('start'), running)
  t.notOk(endings(told('die', { exitCode: '1' }), running)?.starved, 'that was an earlier life')
})

t.test('a stop asks first, and kills later', async (t) => {
  const endings = createEndings()
  endings(told('kill', { signal: '15' }), running)
  endings(told('kill', { signal: '9' }), running)
  t.match(endings(told('die', { exitCode: '137' }), running), { asked: true })
  endings(told('kill', { signal: '9' }), running)
  t.notOk(endings(told('die', { exitCode: '137' }), running)?.asked)
})

t.test('only of what runs, and not of an earlier life', async (t) => {
  const endings = createEndings()
  t.equal(endings(told('die', {}, '2026-11-21T08:00:00Z'), running), undefined)
  t.equal(endings(told('die'), { ...running, state: 'exited' }), undefined)
  t.equal(endings(told('die'), undefined), undefined)
  t.equal(endings({ ...told('die'), type: 'network' }, running), undefined)
})
