import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { gather } from './import-files.ts'
import { Refusal } from './refusal.ts'

t.test('a folder is taken whole, without what is not its own', async (t) => {
  const outside = t.testdir({ secret: 'key', app: {} })
  const root = join(outside, 'app')
  mkdirSync(join(root, 'conf'))
  mkdirSync(join(root, '.git'))
  writeFileSync(join(root, 'docker-compose.yml'), 'services: {}\n')
  writeFileSync(join(root, 'conf/a.conf'), 'a\n')
  writeFileSync(join(root, '.git/config'), 'x')
  writeFileSync(join(root, 'logo.png'), Buffer.from([0x89, 0, 1, 0xff]))
  writeFileSync(join(root, 'huge.sql'), 'x'.repeat(2000))
  symlinkSync('../secret', join(root, 'stolen'))
  symlinkSync('/etc/passwd', join(root, 'passwd'))
  symlinkSync('a.conf', join(root, 'conf/b.conf'))
  symlinkSync('nowhere', join(root, 'dangling'))
  const gathered = gather(root, { file: 1000, total: 10_000, count: 10 })
  t.equal(gathered.entry, 'docker-compose.yml')
  t.same(gathered.files, {
    'conf/a.conf': 'a\n',
    'conf/b.conf': 'a\n',
    'docker-compose.yml': 'services: {}\n',
    'logo.png': 'data:application/octet-stream;base64,iQAB/w==',
  })
  t.same(gathered.skipped, [
    { path: 'huge.sql', why: 'larger than 1.0 kB' },
    { path: 'passwd', why: 'a link that leaves the folder' },
    { path: 'stolen', why: 'a link that leaves the folder' },
  ])
})

t.test('a compose file alone brings its .env and nothing else of its folder', async (t) => {
  const root = t.testdir({ 'stack.yml': 'services: {}', '.env': 'A=1', id_rsa: 'private' })
  t.same(gather(join(root, 'stack.yml')), {
    files: { 'stack.yml': 'services: {}', '.env': 'A=1' },
    entry: 'stack.yml',
    skipped: [],
  })
})

t.test('too much is refused, not cut', async (t) => {
  const root = t.testdir({ a: 'x'.repeat(60), b: 'x'.repeat(60) })
  t.throws(() => gather(root, { file: 100, total: 100, count: 10 }), Refusal)
  t.throws(() => gather(root, { file: 100, total: 1000, count: 1 }), Refusal)
})
