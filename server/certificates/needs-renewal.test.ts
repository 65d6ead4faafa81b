import t from 'tap'
import { needsRenewal } from './needs-renewal.ts'

const DAY = 86_400_000
const start = Date.parse('2026-01-01T00:00:00Z')
const of = (days: number) => ({
  notBefore: new Date(start).toISOString(),
  notAfter: new Date(start + days * DAY).toISOString(),
})
const at = (days: number) => new Date(start + days * DAY)

const table: [life: number, age: number, due: boolean][] = [
  [90, 0, false],
  [90, 59.9, false],
  [90, 60, false],
  [90, 60.1, true],
  [90, 91, true],
  [45, 29, false],
  [45, 31, true],
  [6.66, 3.2, false],
  [6.66, 3.4, true],
  [10, 6, false],
  [10, 7, true],
]
for (const [life, age, due] of table)
  t.equal(needsRenewal(of(life), at(age)), due, `${life} days, after ${age}: ${due ? 'due' : 'kept'}`)

t.equal(needsRenewal(of(90), at(-1)), true, 'a certificate of the future is of no use now')
t.equal(needsRenewal(of(0), at(0)), true)
t.equal(needsRenewal({ notBefore: 'x', notAfter: 'y' }, at(0)), true, 'unreadable dates ask for a new one')
