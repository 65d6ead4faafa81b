import { chmodSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { basesOf, hashContext, packContext, readContext } from './context.ts'

const folder = {
  Dockerfile: 'FROM summoner/base:trixie AS build\nFROM summoner/base:trixie\n',
  etc: { 'a.conf': 'x' },
}

t.test('the same bytes give the same hash and the same tar, whatever their times', async (t) => {
  const one = t.testdir({ one: folder, two: structuredClone(folder) })
  const [a, b] = [join(one, 'one'), join(one, 'two')]
  utimesSync(join(b, 'etc/a.conf'), 1, 1)
  t.equal(hashContext(a), hashContext(b))
  t.same(await buffer(await packContext(readContext(a))), await buffer(await packContext(readContext(b))))
  t.same(basesOf(readContext(a)), ['trixie'])
})

t.test('a changed byte, name or mode gives another hash', async (t) => {
  const dir = t.testdir(folder)
  const first = hashContext(dir)
  chmodSync(join(dir, 'etc/a.conf'), 0o755)
  const second = hashContext(dir)
  t.not(second, first)
  writeFileSync(join(dir, 'etc/a.conf'), 'y')
  t.not(hashContext(dir), second)
})

t.test('a context without a Dockerfile, or with a link, is refused', async (t) => {
  t.throws(() => hashContext(t.testdir({ x: '' })), { code: 'template.invalid' })
  t.throws(() => hashContext(join(t.testdir(), 'nowhere')), { code: 'template.invalid' })
  const dir = t.testdir(folder)
  symlinkSync('/etc/passwd', join(dir, 'passwd'))
  t.throws(() => hashContext(dir), { code: 'template.invalid' })
})
