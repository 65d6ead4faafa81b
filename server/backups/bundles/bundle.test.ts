import t from 'tap'
import { CONFIG, readHeader, sumOf } from './bundle.ts'

const hash = 'ab'.repeat(32)
const header = {
  version: 1,
  set: 'cloud-20261121-030000',
  minion: 'cloud',
  template: 'nextcloud',
  summoner: '1.0.0',
  at: '2026-11-21T03:00:00.000Z',
  config: hash,
  pieces: 3,
  bytes: 1000,
}

t.test('pieces have the names that restic gives, and no others', async (t) => {
  t.equal(sumOf(CONFIG, header), hash)
  t.equal(sumOf(`repository/data/ab/${hash}`, header), hash)
  for (const folder of ['keys', 'snapshots', 'index'])
    t.equal(sumOf(`repository/${folder}/${hash}`, header), hash)
  for (const name of [
    `repository/data/ac/${hash}`,
    `repository/locks/${hash}`,
    `repository/keys/../keys/${hash}`,
    `/repository/keys/${hash}`,
    `repository/keys/${hash}\n`,
    `repository/keys/${hash.toUpperCase()}`,
    'password',
    '../../etc/passwd',
    '',
  ])
    t.equal(sumOf(name, header), undefined, JSON.stringify(name))
})

t.test('a header is read as something a stranger wrote', async (t) => {
  t.same(readHeader(JSON.stringify(header)), header)
  t.throws(() => readHeader('{'), { code: 'bundle.foreign' })
  t.throws(() => readHeader('[]'), { code: 'bundle.foreign' })
  t.throws(() => readHeader(JSON.stringify({ ...header, version: 2 })), { code: 'set.newer' })
  for (const wrong of [{ set: '../x' }, { minion: 'A b' }, { config: 'x' }, { bytes: -1 }, { at: 'soon' }])
    t.throws(() => readHeader(JSON.stringify({ ...header, ...wrong })), { code: 'bundle.foreign' })
})
