import t from 'tap'
import { manyMinions } from '../many-minions.ts'

const MINIONS = 60

t.test('many minions', { timeout: 1_800_000 }, (t) => manyMinions(t, MINIONS))
