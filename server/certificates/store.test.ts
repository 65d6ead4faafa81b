import { lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openAuthority } from './authority.ts'
import { createCertificates } from './create-certificates.ts'
import { createCertificateStore } from './store.ts'

const DAY = 86_400_000

async function box(dir: string, clock = { now: Date.now() }) {
  const now = () => new Date(clock.now)
  const store = createCertificateStore({ dir })
  const authority = await openAuthority({ dir, used: () => store.list().length > 0, now })
  const titles: string[] = []
  const certificates = createCertificates({
    store,
    authority,
    now,
    events: {
      append: (event) => {
        titles.push(event.title)
        return { id: 1, at: '', source: 'summoner', severity: 'info', data: {}, ...event }
      },
    },
  })
  return { store, authority, certificates, clock, titles }
}

t.test('a certificate is kept until its last third, then replaced as one', async (t) => {
  const dir = t.testdir()
  const { certificates, clock, titles } = await box(dir)
  const first = await certificates.ensure('Ghost.kit.test')
  t.equal(first.name, 'ghost.kit.test')
  t.equal(statSync(first.keyFile).mode & 0o777, 0o600)
  t.ok(lstatSync(join(dir, 'ghost.kit.test')).isSymbolicLink())
  t.equal(
    readFileSync(join(dir, 'ghost.kit.test/fullchain.pem'), 'utf8'),
    readFileSync(first.certificateFile, 'utf8'),
  )
  clock.now += 59 * DAY
  t.equal(await certificates.ensure('ghost.kit.test'), first)
  clock.now += 2 * DAY
  const second = await certificates.ensure('ghost.kit.test')
  t.not(second.certificateFile, first.certificateFile, 'nginx sees another path: a change of the tree')
  t.ok(statSync(first.keyFile).isFile(), 'a rollback still finds the old pair')
  t.equal(titles.length, 2)
  for (let i = 0; i < 6; i++) {
    clock.now += 61 * DAY
    await certificates.ensure('ghost.kit.test')
  }
  t.equal(readdirSync(join(dir, '.versions/ghost.kit.test')).length, 4, 'old versions go')
})

t.test('asking many times at once makes one', async (t) => {
  const { certificates, titles } = await box(t.testdir())
  const all = await Promise.all(Array.from({ length: 20 }, () => certificates.ensure('a.kit.test')))
  t.equal(new Set(all).size, 1)
  t.equal(titles.length, 1)
})

t.test('the next start reads what is there, and cleans what a crash left', async (t) => {
  const dir = t.testdir()
  const before = await (await box(dir)).certificates.ensure('a.kit.test')
  mkdirSync(join(dir, '.unfinished-x'))
  mkdirSync(join(dir, '.versions/a.kit.test/.unfinished-y'))
  const again = await box(dir)
  t.same(again.certificates.list(), [before])
  t.equal((await again.certificates.ensure('a.kit.test')).certificateFile, before.certificateFile)
  t.notOk(
    [...readdirSync(dir), ...readdirSync(join(dir, '.versions/a.kit.test'))].some((n) =>
      n.startsWith('.unf'),
    ),
  )
})

t.test('a damaged or foreign pair is replaced', async (t) => {
  const dir = t.testdir()
  const { certificates } = await box(dir)
  const first = await certificates.ensure('a.kit.test')
  writeFileSync(first.certificateFile, 'nonsense')
  const { certificates: next } = await box(dir)
  t.not((await next.ensure('a.kit.test')).certificateFile, first.certificateFile)

  rmSync(join(dir, 'internal'), { recursive: true })
  const fresh = await box(dir)
  const renewed = await fresh.certificates.ensure('a.kit.test')
  t.ok(fresh.authority.signed(readFileSync(renewed.certificateFile, 'utf8')), 'a new root signs anew')
})

t.test('names never become paths, and the authority keeps its folder', async (t) => {
  const dir = t.testdir()
  const { certificates, store, authority } = await box(dir)
  for (const bad of [
    '',
    '..',
    '../x',
    '.versions',
    'a/b',
    'a.test\n',
    'a b',
    '*',
    'a;b',
    'é.test',
    '1.2.3.4',
  ])
    await t.rejects(certificates.ensure(bad), { code: 'host.invalid' }, JSON.stringify(bad))
  await certificates.ensure('internal')
  t.ok(statSync(join(dir, 'internal/root.pem')).isFile())
  store.put('*.kit.test', ['*.kit.test'], await authority.issue(['*.kit.test']))
  t.same(
    store.list().map(({ name }) => name),
    ['*.kit.test', 'internal'],
  )
  store.remove('internal')
  t.equal(store.get('internal'), undefined)
  t.ok(statSync(join(dir, 'internal/root.pem')).isFile())
})

t.test('a pair that does not fit is refused and the old one stays', async (t) => {
  const { store, authority, certificates } = await box(t.testdir())
  const kept = await certificates.ensure('a.kit.test')
  const [one, two] = [await authority.issue(['a.kit.test']), await authority.issue(['a.kit.test'])]
  const put = (issued: typeof one) => () => store.put('a.kit.test', ['a.kit.test'], issued)
  t.throws(put({ ...one, privateKey: two.privateKey }), { code: 'certificate.failed' })
  t.throws(put({ ...one, fullchain: 'nonsense' }), { code: 'certificate.failed' })
  const other = await authority.issue(['b.kit.test'])
  t.throws(put(other), { code: 'certificate.failed' })
  t.equal(store.get('a.kit.test'), kept)
})

t.test('a pair with the same leaf and another chain is a version of its own', async (t) => {
  const dir = t.testdir()
  const { store, authority } = await box(dir)
  const issued = await authority.issue(['a.kit.test'])
  const first = store.put('a.kit.test', ['a.kit.test'], issued)
  const longer = { ...issued, fullchain: issued.fullchain + authority.rootPem() }
  const second = store.put('a.kit.test', ['a.kit.test'], longer)
  t.equal(readFileSync(first.certificateFile, 'utf8'), issued.fullchain, 'nginx may still be told this path')
  t.equal(readFileSync(second.certificateFile, 'utf8'), longer.fullchain)
  t.not(second.certificateFile, first.certificateFile)
  t.equal(store.put('a.kit.test', ['a.kit.test'], longer).certificateFile, second.certificateFile)
  writeFileSync(second.keyFile, '')
  t.equal(readFileSync(store.put('a.kit.test', ['a.kit.test'], longer).keyFile, 'utf8'), issued.privateKey)
})
