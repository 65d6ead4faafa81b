import t from 'tap'
import { fateOf, type Fate } from './after-crash.ts'

const table: [requeues: number, undoing: boolean, kind: 'requeue' | 'interrupt' | undefined, fate: Fate][] = [
  [1, false, 'requeue', 'requeue'],
  [3, false, 'requeue', 'requeue'],
  [4, false, 'requeue', 'undo'],
  [1, true, 'requeue', 'undo'],
  [6, true, 'requeue', 'undo'],
  [7, true, 'requeue', 'give-up'],
  [7, false, 'requeue', 'give-up'],
  [1, false, 'interrupt', 'interrupt'],
  [1, true, 'interrupt', 'undo'],
  [1, false, undefined, 'interrupt'],
  [9, true, undefined, 'interrupt'],
]
for (const [requeues, undoing, afterCrash, fate] of table) {
  const kind = afterCrash && { afterCrash }
  t.equal(fateOf({ requeues, undoing }, kind), fate, `${requeues} ${undoing} ${afterCrash}`)
}
