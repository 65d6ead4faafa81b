import t from 'tap'
import { sampleApplied, sampleContainer, sampleRendered } from '../../test/samples.ts'
import { planOf, type PlanInput, type Wished } from './plan.ts'

const wish = (change: Partial<Wished> = {}): Wished => ({
  application: sampleApplied().application,
  templateHash: 't1',
  rendered: sampleRendered(),
  ...change,
})
const inputOf = (change: Partial<PlanInput> = {}): PlanInput => ({
  wished: [wish()],
  applied: new Map([['blog', sampleApplied()]]),
  observed: new Map([['blog', [sampleContainer()]]]),
  drift: new Map(),
  ...change,
})

t.test('nothing to change', async (t) => {
  t.same(planOf(inputOf()), { changes: [], unchanged: 1, warnings: [] })
})
t.test('a new application is +', async (t) => {
  const { changes } = planOf(inputOf({ applied: new Map(), observed: new Map() }))
  t.match(changes, [{ action: '+', minion: 'blog', job: 'summon', asks: false }])
})
t.test('an application that left is - and asks', async (t) => {
  t.match(planOf(inputOf({ wished: [] })).changes, [
    { action: '-', minion: 'blog', job: 'dismiss', asks: true },
  ])
})
t.test('a changed domain is ~, names both hosts and asks', async (t) => {
  const rendered = sampleRendered({ host: 'blog.example.org', hash: 'h2' })
  const { changes } = planOf(inputOf({ wished: [wish({ rendered })] }))
  t.match(changes, [
    { action: '~', job: 'summon', asks: true, reasons: ['blog.kit.test -> blog.example.org'] },
  ])
})
t.test('an environment change names the key, never the value', async (t) => {
  const application = { ...sampleApplied().application, env: { TITLE: 'hush' } }
  const { changes } = planOf(
    inputOf({ wished: [wish({ application, rendered: sampleRendered({ hash: 'h2' }) })] }),
  )
  t.same(changes[0]?.reasons, ['env TITLE'])
})
t.test('a changed template and a change of the box have their own words', async (t) => {
  const rendered = sampleRendered({ hash: 'h2' })
  t.same(planOf(inputOf({ wished: [wish({ rendered, templateHash: 't2' })] })).changes[0]?.reasons, [
    'the template changed',
  ])
  t.same(planOf(inputOf({ wished: [wish({ rendered })] })).changes[0]?.reasons, [
    'settings of the box changed',
  ])
})
t.test('stopped by wish, still running: stop; running by wish, stopped: start', async (t) => {
  const application = { ...sampleApplied().application, state: 'stopped' as const }
  t.match(planOf(inputOf({ wished: [wish({ application })] })).changes, [{ action: '~', job: 'stop' }])
  const observed = new Map([['blog', [sampleContainer({ state: 'exited' })]]])
  t.match(planOf(inputOf({ observed })).changes, [{ action: '~', job: 'start' }])
  t.same(planOf(inputOf({ observed, wished: [wish({ application })] })).changes, [])
})
t.test('drift is repaired by a summon', async (t) => {
  const { changes } = planOf(inputOf({ drift: new Map([['blog', ['changed by hand']]]) }))
  t.match(changes, [{ action: '~', job: 'summon', reasons: ['changed by hand'], asks: false }])
})
t.test('what was not brought up to the end is brought up', async (t) => {
  const applied = new Map([['blog', sampleApplied({ ready: false })]])
  t.match(planOf(inputOf({ applied })).changes, [{ action: '~', job: 'summon' }])
})
t.test('an application that does not render warns and hides no other', async (t) => {
  const { changes, warnings } = planOf(
    inputOf({ wished: [wish({ problem: 'no such template' })], observed: new Map(), applied: new Map() }),
  )
  t.same(changes, [])
  t.same(warnings, ['blog: no such template'])
})
