import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openGenerations } from './generations.ts'
import { hostFile } from './render-tree.ts'

const main =
  (...paths: string[]) =>
  () =>
    paths.map((path) => `include /etc/nginx/summoner/${path};\n`).join('')

t.test('a generation becomes current in one step, by a relative link', async (t) => {
  const dir = t.testdir()
  const generations = openGenerations(dir)
  t.equal(generations.current(), undefined)
  const file = hostFile('a.test', 'one')
  await generations.writeFiles([file])
  const name = await generations.create('abc123', main(file.path))
  t.equal(name, '000001-abc123')
  t.equal(generations.current(), undefined, 'not before the swap')
  await generations.swap(name)
  t.equal(readlinkSync(join(dir, 'current')), 'generations/000001-abc123')
  t.equal(generations.currentHash(), 'abc123')
  t.equal(readFileSync(join(dir, file.path), 'utf8'), 'one')
})

t.test('three generations stay, with the files they include', async (t) => {
  const dir = t.testdir()
  const generations = openGenerations(dir)
  for (let index = 1; index <= 6; index++) {
    const file = hostFile('a.test', `text ${index}`)
    await generations.writeFiles([file])
    await generations.swap(await generations.create(`abc${index}`, main(file.path)))
    await generations.prune()
  }
  t.same(readdirSync(join(dir, 'generations')), ['000004-abc4', '000005-abc5', '000006-abc6'])
  t.same(readdirSync(join(dir, 'hosts')).length, 3)
  const again = hostFile('a.test', 'text 1')
  await generations.writeFiles([again])
  t.equal(readFileSync(join(dir, again.path), 'utf8'), 'text 1', 'a dropped file is written again')
})

t.test('pages and password files go with the last host that names them', async (t) => {
  const dir = t.testdir()
  const generations = openGenerations(dir)
  for (let index = 1; index <= 5; index++) {
    const named = [`pages/look${index}/down.en.html`, `users/people${index}`]
    const host = hostFile(
      'a.test',
      `root /etc/nginx/summoner/pages/look${index}; file /etc/nginx/summoner/users/people${index};`,
    )
    await generations.writeFiles([host, ...named.map((path) => ({ path, text: 'x' }))])
    await generations.swap(await generations.create(`abc${index}`, main(host.path)))
    await generations.prune()
  }
  t.same(readdirSync(join(dir, 'pages')), ['look3', 'look4', 'look5'])
  t.same(readdirSync(join(dir, 'users')), ['people3', 'people4', 'people5'])
  const again = 'pages/look1/down.en.html'
  await generations.writeFiles([{ path: again, text: 'x' }])
  t.equal(readFileSync(join(dir, again), 'utf8'), 'x', 'a dropped page is written again')
})

t.test('a rollback keeps the generation it went back to', async (t) => {
  const dir = t.testdir()
  const generations = openGenerations(dir)
  const names: string[] = []
  for (let index = 1; index <= 5; index++) names.push(await generations.create(`abc${index}`, main()))
  await generations.swap(names[0] ?? '')
  await generations.prune()
  t.equal(generations.current(), names[0])
})

t.test('what a crash leaves does no harm', async (t) => {
  const dir = t.testdir()
  const before = openGenerations(dir)
  const file = hostFile('a.test', 'whole')
  await before.writeFiles([file])
  await before.swap(await before.create('abc1', main(file.path)))
  // cut in the middle of each kind of write
  writeFileSync(join(dir, 'hosts/b.test.0123456789ab.conf.draft'), 'ha')
  mkdirSync(join(dir, 'generations/000002-abc2.draft'))
  symlinkSync('generations/000009-none', join(dir, 'current.draft'))
  // a power cut after the rename but before the bytes: the name promises what is not there
  writeFileSync(join(dir, file.path), '')

  const after = openGenerations(dir)
  t.equal(after.currentHash(), 'abc1')
  for (const folder of ['.', 'hosts', 'generations'])
    t.notOk(
      readdirSync(join(dir, folder)).some((name) => name.endsWith('.draft')),
      folder,
    )
  await after.writeFiles([file])
  t.equal(readFileSync(join(dir, file.path), 'utf8'), 'whole')
  t.equal(await after.create('abc2', main()), '000002-abc2')

  rmSync(join(dir, 'generations/000001-abc1'), { recursive: true })
  t.equal(openGenerations(dir).current(), undefined, 'a link that leads nowhere is none')
  t.notOk(existsSync(join(dir, 'current', 'nginx.conf')))
})

t.test(
  'nginx’s workers can read the pages, whatever umask the daemon runs with and whoever made the folder',
  async (t) => {
    const dir = t.testdir()
    chmodSync(dir, 0o700)
    const before = process.umask(0o077)
    t.teardown(() => process.umask(before))
    await openGenerations(dir).writeFiles([{ path: 'pages/abc/starting.en.html', text: 'x' }])
    const modes = ['.', 'pages', 'pages/abc', 'pages/abc/starting.en.html'].map(
      (path) => statSync(join(dir, path)).mode & 0o777,
    )
    t.same(modes, [0o755, 0o755, 0o755, 0o644])
  },
)
