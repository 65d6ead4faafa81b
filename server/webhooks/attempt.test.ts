import t from 'tap'
import { ownEventTypes } from '../events/catalogue.ts'
import type { Event } from '../events/event.ts'
import { createAttempt } from './attempt.ts'
import type { Recipes } from './create-recipes.ts'
import type { Condition, Recipe } from './recipe.ts'
import { createRenderer } from './render-text.ts'
import { configOf } from './rig.fixture.ts'

const stopped = (id: number, minion: string): Event => ({
  id,
  at: '2026-11-21T09:00:00Z',
  type: 'minion.stopped',
  source: 'summoner',
  severity: 'info',
  minion,
  title: `${minion} was stopped`,
  data: {},
})
const attempt = createAttempt({
  recipes: {
    renderer: () => createRenderer({ timezone: 'UTC' }),
    runs: { recall: () => undefined },
  } as unknown as Recipes,
  config: () => configOf(''),
  events: {
    list: () => [stopped(1, 'wiki'), stopped(2, 'blog')],
    get: (id) => (id === 1 ? stopped(1, 'wiki') : undefined),
  },
  types: ownEventTypes,
  timezone: () => 'UTC',
  now: () => new Date('2026-11-21T10:00:00Z'),
})
const recipe = (type: string, condition?: Condition): Recipe => ({
  name: 'tell',
  on: { type },
  ...(condition ? { if: condition } : {}),
  do: [{ post: { channel: 'team', text: '{{ event.title }}' } }],
})

t.test('the newest event that the conditions let through, not just the newest', async (t) => {
  const trial = attempt(recipe('minion.stopped', { path: 'minion', equals: 'wiki' }), {})
  t.match(trial, { taken: true, event: { id: 1 }, steps: [{ text: 'wiki was stopped' }] })
  t.notOk(trial.sample)
  t.match(attempt(recipe('minion.stopped'), {}), { taken: true, event: { id: 2 } })
})

t.test('nothing like it came yet: an example that meets the conditions, and says so', async (t) => {
  t.match(attempt(recipe('minion.started', [{ path: 'minion', equals: 'shop' }]), {}), {
    taken: true,
    sample: true,
    event: { minion: 'shop' },
    steps: [{ text: 'shop was started' }],
  })
  const ways: Condition[] = [
    { path: 'event.data.ref', glob: 'release/*' },
    { path: 'data.branch.name', contains: 'main' },
    {
      or: [
        { path: 'severity', in: ['error'] },
        { path: 'minion', equals: 'x' },
      ],
    },
    { and: [{ path: 'project', equals: 'acme' }, { not: { path: 'actor.name', equals: 'bot' } }] },
  ]
  for (const way of ways)
    t.match(attempt(recipe('minion.started', way), {}), { taken: true, sample: true }, JSON.stringify(way))
})

t.test('what cannot be met shows why, with the newest that came', async (t) => {
  const never = recipe('minion.stopped', { path: 'data.size', compare: { gt: 3 } })
  t.match(attempt(never, {}), { taken: false, event: { id: 2 }, decisions: [{}, { outcome: 'no' }] })
  t.match(attempt(recipe('minion.stopped'), { event: 1 }), { event: { id: 1 } })
  t.throws(() => attempt(recipe('minion.stopped'), { event: 7 }), /no event 7/)
  t.throws(() => attempt(recipe('nobody.sends.this'), {}), /no sample/)
})
