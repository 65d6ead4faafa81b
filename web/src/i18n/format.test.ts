import t from 'tap'
import { daysUntil, formatAgo, formatBytes, formatPercent, formatSpan } from './format.ts'
import { chooseLanguage, fill } from './words.ts'

const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ')

t.test('sizes carry units of the language', (t) => {
  t.equal(plain(formatBytes(0, 'en')), '0 B')
  t.equal(plain(formatBytes(999, 'en')), '999 B')
  t.equal(plain(formatBytes(4_200_000, 'en')), '4.2 MB')
  t.equal(plain(formatBytes(4_200_000, 'fr')), '4,2 Mo')
  t.equal(plain(formatBytes(412_000_000_000, 'fr')), '412 Go')
  t.end()
})

t.test('spans and distances in time', (t) => {
  const now = Date.parse('2026-11-21T12:00:00Z')
  t.equal(plain(formatSpan(420, 'en')), '0.4 s')
  t.equal(plain(formatSpan(41_000, 'en')), '41 s')
  t.equal(plain(formatSpan(185_000, 'fr')), '3 min 05 s')
  t.equal(plain(formatSpan(7_800_000, 'en')), '2 h 10 min')
  t.equal(plain(formatAgo('2026-11-21T09:00:00Z', now, 'en')), '3 hours ago')
  t.equal(plain(formatAgo('2026-11-21T09:00:00Z', now, 'fr')), 'il y a 3 heures')
  t.equal(plain(formatAgo('2026-11-21T11:59:58Z', now, 'en')), 'now')
  t.equal(daysUntil('2027-01-18T12:00:00Z', now), 58)
  t.equal(plain(formatPercent(3.25, 'en')), '3.3%')
  t.end()
})

t.test('values and plurals are filled in', (t) => {
  t.equal(fill('{n} minion | {n} minions', { n: 1 }, 'en'), '1 minion')
  t.equal(fill('{n} minion | {n} minions', { n: 0 }, 'en'), '0 minions')
  t.equal(fill('{n} minion | {n} minions', { n: 0 }, 'fr'), '0 minion')
  t.equal(fill('{name} is {what}', { name: 'a' }, 'en'), 'a is {what}', 'a missing value shows')
  t.equal(fill('{name}', { name: '<b>{n}</b>' }, 'en'), '<b>{n}</b>', 'a value is never a text with places')
  t.end()
})

t.test('the language is the kept one, then the first wish that there is', (t) => {
  t.equal(chooseLanguage(null, ['de-DE', 'fr-CA', 'en']), 'fr')
  t.equal(chooseLanguage('en', ['fr']), 'en')
  t.equal(chooseLanguage('xx', ['de']), 'en')
  t.end()
})
