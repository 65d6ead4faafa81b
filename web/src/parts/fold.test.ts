import t from 'tap'
import { fold } from './fold.ts'

t.test('only neighbours are one row', (t) => {
  t.same(
    fold(['a', 'a', 'b', 'a'], (one) => one),
    [['a', 'a'], ['b'], ['a']],
  )
  t.same(
    fold([], () => ''),
    [],
  )
  t.end()
})
