import t from 'tap'
import { manyMinions } from './many-minions.ts'

/** More than Docker's own address pools have networks, which is about 31. */
const MINIONS = 34

t.test('many minions', { timeout: 900_000 }, (t) => manyMinions(t, MINIONS))
