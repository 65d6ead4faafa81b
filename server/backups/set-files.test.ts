import t from 'tap'
import { partsOf, placeOf } from './set-files.ts'

const folders = [
  { name: 'volumes' as const, path: '/srv/volumes/cloud' },
  { name: 'instance' as const, path: '/srv/minions/cloud' },
]

t.test('a path begins with a folder of the set and goes down only', async (t) => {
  t.equal(placeOf(partsOf('volumes'), folders), '/srv/volumes/cloud')
  t.equal(placeOf(partsOf('/volumes//a b/é.png'), folders), '/srv/volumes/cloud/a b/é.png')
  t.equal(placeOf(partsOf('instance/.env'), folders), '/srv/minions/cloud/.env')
  t.same(partsOf(''), [])
  for (const path of ['volumes/../../etc/passwd', './volumes', 'volumes/./a', 'volumes/a\0b'])
    t.throws(() => partsOf(path), { code: 'input.invalid' }, JSON.stringify(path))
  for (const path of ['etc/passwd', 'database/x', '..volumes'])
    t.throws(() => placeOf(partsOf(path), folders), { code: 'set.file' }, path)
})
