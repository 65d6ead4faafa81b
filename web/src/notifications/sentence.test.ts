import t from 'tap'
import { en } from '../i18n/en.ts'
import { fr } from '../i18n/fr.ts'
import { fill } from '../i18n/words.ts'
import { sentenceOf, type Say } from './sentence.ts'

const english: Say = (key, values = {}) => fill(en[key as keyof typeof en], values, 'en')
const french: Say = (key, values = {}) => fill(fr[key as keyof typeof fr], values, 'fr')

t.test('a recipe reads as one sentence in both languages', (t) => {
  const recipe = {
    name: 'pipeline-failed',
    on: { source: 'gitlab', type: 'pipeline.failed' },
    if: { path: 'data.ref', equals: 'main' },
    do: [
      { post: { channel: 'team', text: '{{ event.title }}' } },
      { delay: '5m', minion: { restart: 'site' } },
    ],
  }
  t.equal(
    sentenceOf(recipe, english),
    'When `pipeline.failed` comes from gitlab, if `data.ref` is main, then post to team, then after 5m restart site.',
  )
  t.match(
    sentenceOf(recipe, french),
    /^Quand `pipeline\.failed` vient de gitlab, si `data\.ref` vaut main, alors /,
  )
  t.end()
})

t.test('nested conditions and blocks are told too', (t) => {
  const recipe = {
    name: 'x',
    on: {},
    if: { or: [{ path: 'a', exists: true }, { not: { path: 'b', compare: { gt: 3 } } }] },
    do: [
      { parallel: [{ mail: { to: 'a@b', text: '' } }, { if: { path: 'c', changed: true }, run: 'other' }] },
    ],
  }
  t.equal(
    sentenceOf(recipe, english),
    'When anything happens, if `a` is there or not (`b` > 3), then send a mail to a@b, then if `c` changed, run the recipe other.',
  )
  t.end()
})
