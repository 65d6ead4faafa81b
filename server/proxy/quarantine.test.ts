import t from 'tap'
import { findRefused } from './quarantine.ts'
import { hostFile, type HostFile } from './render-tree.ts'

const file = (host: string, text = `server_name ${host};`): HostFile => hostFile(host, text)
const files = Array.from({ length: 40 }, (_, index) => file(`h${index}.test`))

/** An nginx that dislikes these hosts, and says so the way that `say` words it. */
const nginx = (broken: HostFile[], say: (file: HostFile) => string) => {
  let tests = 0
  return {
    count: () => tests,
    test: async (some: readonly HostFile[]) => {
      tests++
      const first = some.find((one) => broken.includes(one))
      return first && say(first)
    },
  }
}

t.test('a file that nginx names costs one test', async (t) => {
  const broken = files.slice(7, 10)
  const fake = nginx(broken, ({ path }) => `unknown directive "x" in /etc/nginx/summoner/${path}:12`)
  const found = await findRefused(files, (await fake.test(files)) ?? '', fake.test)
  t.same(
    found.map(({ file: { host } }) => host),
    ['h7.test', 'h8.test', 'h9.test'],
  )
  t.match(found[0]?.message, 'unknown directive')
  t.equal(fake.count(), 4)
})

t.test('a certificate is named by its path', async (t) => {
  const bad = file('bad.test', 'ssl_certificate /etc/nginx/certificates/.versions/bad.test/4f/fullchain.pem;')
  const fake = nginx(
    [bad],
    () =>
      'cannot load certificate "/etc/nginx/certificates/.versions/bad.test/4f/fullchain.pem": PEM_read_bio',
  )
  const found = await findRefused([...files, bad], (await fake.test([bad])) ?? '', fake.test)
  t.same(
    found.map(({ file: { host } }) => host),
    ['bad.test'],
  )
})

t.test('where nginx names nobody, halving finds them all', async (t) => {
  const broken = [files[3], files[20], files[39]].filter((one) => one !== undefined)
  const fake = nginx(broken, () => 'could not build something')
  const found = await findRefused(files, 'could not build something', fake.test)
  t.same(found.map(({ file: { host } }) => host).sort(), ['h20.test', 'h39.test', 'h3.test'].sort())
  t.ok(fake.count() < 40, `${fake.count()} tests`)
})

t.test('a fault of the frame is blamed on no host', async (t) => {
  const found = await findRefused(files, 'no space', async () => 'no space')
  t.same(found, [])
})
