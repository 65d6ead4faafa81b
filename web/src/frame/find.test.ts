import t from 'tap'
import { findCommands } from './find.ts'

const commands = [
  { id: '1', kind: 'go', label: 'cloud', words: 'nextcloud' },
  { id: '2', kind: 'verb', label: 'Restart cloud' },
  { id: '3', kind: 'verb', label: 'Redémarrer wiki' },
  { id: '4', kind: 'go', label: 'Catalogue' },
]
const found = (typed: string) => findCommands(commands, typed).map(({ id }) => id)

t.test('words in any order, without accents, beginnings first', (t) => {
  t.same(found('cloud'), ['1', '2'])
  t.same(found('cloud rest'), ['2'])
  t.same(found('redem'), ['3'])
  t.same(found('c'), ['1', '4', '2'])
  t.same(found('nothing'), [])
  t.same(found(''), ['1', '2', '3', '4'])
  t.end()
})
