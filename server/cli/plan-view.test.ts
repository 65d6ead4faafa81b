import t from 'tap'
import type { Plan } from '../minions/plan.ts'
import { changesText, renderPlan } from './plan-view.ts'
import { createStyle } from './style.ts'

const plan: Plan = {
  changes: [
    { action: '+', minion: 'ghost', job: 'summon', reasons: ['in config.yml, not on this box'], asks: false },
    {
      action: '~',
      minion: 'wordpress',
      job: 'summon',
      reasons: ['version 6.8.2 → 6.8.3', 'env changed'],
      asks: false,
    },
    {
      action: '-',
      minion: 'wiki',
      job: 'dismiss',
      reasons: ['no longer in config.yml; its data stays'],
      asks: true,
    },
  ],
  unchanged: 2,
  warnings: ['chat: no such template\u001B[31m'],
}

t.test('a plan as a diff', async (t) => {
  t.same(renderPlan(plan, createStyle(false)), [
    '! chat: no such template',
    '+ ghost      in config.yml, not on this box',
    '~ wordpress  version 6.8.2 → 6.8.3',
    '             env changed',
    '- wiki       no longer in config.yml; its data stays  (asks first)',
    '',
    '1 to add, 1 to change, 1 to remove; 2 unchanged.',
  ])
  t.match(renderPlan(plan, createStyle(true))[1], /^\p{Cc}\[32m\+ ghost/u)
})

t.test('nothing to do is one line', async (t) => {
  t.same(renderPlan({ changes: [], unchanged: 3, warnings: [] }, createStyle(false)), [
    'Nothing to change; 3 as they should be.',
  ])
  t.equal(changesText(1), '1 change')
  t.equal(changesText(0), '0 changes')
})
