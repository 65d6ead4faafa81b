/** Bundles of strangers: whatever is wrong with one is found before a byte of it is written. */
import t from 'tap'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { pack, type Header } from 'tar-stream'
import { HEADER } from './bundle.ts'
import { peekBundle, readBundle } from './read-bundle.ts'
import { writeBundle } from './write-bundle.ts'

const about = {
  version: 1,
  set: 'cloud-20261121-030000',
  minion: 'cloud',
  template: 'nextcloud',
  summoner: '1.0.0',
  at: '2026-11-21T03:00:00.000Z',
}
const sum = (text: string) => createHash('sha256').update(text).digest('hex')
const piece = (text: string) => ({ name: `repository/data/${sum(text).slice(0, 2)}/${sum(text)}`, text })
const config = { name: 'repository/config', text: 'config' }
const good = [config, piece('one'), piece('two'.repeat(1000))]

interface Member extends Partial<Header> {
  name: string
  text: string
}

async function bundle(members: readonly Member[], change: object = {}): Promise<Buffer> {
  const tar = pack()
  const size = members.reduce((all, { text }) => all + text.length, 0)
  const header = { ...about, config: sum(config.text), pieces: members.length, bytes: size, ...change }
  tar.entry({ name: HEADER }, JSON.stringify(header))
  for (const { text, ...member } of members) tar.entry(member, text)
  tar.finalize()
  return zstdCompressSync(await buffer(tar))
}

const fileOf = (dir: string, bytes: Buffer): string => {
  const file = join(dir, 'x.bundle.tar.zst')
  writeFileSync(file, bytes)
  return file
}
const limit = 1_000_000

t.test('what was written is read, and unpacked as it was', async (t) => {
  const dir = t.testdir()
  for (const { name, text } of good) {
    mkdirSync(join(dir, name, '..'), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
  mkdirSync(join(dir, 'repository/locks'))
  writeFileSync(join(dir, `repository/locks/${sum('lock')}`), 'lock')
  const file = join(dir, 'out/a.bundle.tar.zst')
  const bars: number[] = []
  const size = await writeBundle(file, dir, about, {
    signal: new AbortController().signal,
    onProgress: (done) => bars.push(done),
  })
  t.equal(readFileSync(file).length, size)
  t.same(readdirSync(join(dir, 'out')), ['a.bundle.tar.zst'])
  const keep = join(dir, 'kept')
  const read = await readBundle(file, { keep, limit })
  t.match(read, { ...about, pieces: 3, config: sum('config') })
  t.same(await peekBundle(file), read)
  for (const { name, text } of good) t.equal(readFileSync(join(keep, name), 'utf8'), text)
  t.notOk(readdirSync(join(keep, 'repository')).includes('locks'))
})

t.test('every byte that is turned is found, and every end that is missing', async (t) => {
  const dir = t.testdir()
  const whole = await bundle(good)
  await t.resolves(readBundle(fileOf(dir, whole), { limit }))
  // inside of the compression, whose own sum would find it else
  const tar = zstdDecompressSync(whole)
  for (const name of good.map(({ name }) => name)) {
    const at = tar.indexOf(name) + 512
    const turned = Buffer.from(tar)
    turned[at] = (turned[at] ?? 0) ^ 4
    await t.rejects(
      readBundle(fileOf(dir, zstdCompressSync(turned)), { limit }),
      { code: 'bundle.damaged' },
      name,
    )
  }
  for (let at = 0; at < whole.length; at += 17)
    await t.rejects(
      readBundle(fileOf(dir, whole.subarray(0, at)), { limit }),
      { code: /^bundle\./ },
      `cut at ${at}`,
    )
})

const hostile: Record<string, { members: Member[]; change?: object; code?: string }> = {
  'a path that climbs': { members: [...good, { name: '../../etc/cron.d/x', text: 'x' }] },
  'an absolute path': { members: [...good, { name: '/etc/cron.d/x', text: 'x' }] },
  'a symbolic link': {
    members: [{ name: 'repository/data', type: 'symlink', linkname: '/etc', text: '' }, ...good],
  },
  'a hard link': {
    members: [{ name: piece('x').name, type: 'link', linkname: '/etc/shadow', text: '' }, ...good],
  },
  'a device': { members: [{ name: piece('x').name, type: 'block-device', devmajor: 8, text: '' }, ...good] },
  'a pipe': { members: [{ name: piece('x').name, type: 'fifo', text: '' }, ...good] },
  'the same piece twice': { members: [...good, piece('one')] },
  'another password': { members: [...good, { name: 'password', text: 'mine' }] },
  'more pieces than it says': { members: good, change: { pieces: 2 } },
  'more bytes than it says': { members: good, change: { bytes: 10 } },
  'fewer pieces than it says': { members: good, change: { pieces: 4 }, code: 'bundle.damaged' },
  'more than there is room for': { members: good, change: { bytes: limit + 1 }, code: 'disk.full' },
  'a bomb': { members: [config, piece('0'.repeat(50_000_000))], change: { bytes: 1000 } },
}
for (const [what, { members, change, code = 'bundle.foreign' }] of Object.entries(hostile))
  t.test(`${what} is refused`, async (t) => {
    const dir = t.testdir()
    const file = fileOf(dir, await bundle(members, change))
    const before = readdirSync(dir)
    await t.rejects(readBundle(file, { limit }), { code })
    t.same(readdirSync(dir), before)
  })

t.test('what is no bundle at all says so', async (t) => {
  const dir = t.testdir()
  const first = pack()
  first.entry({ name: 'readme' }, 'x')
  first.finalize()
  for (const bytes of [
    Buffer.from('%PDF-1.7 and so on'),
    zstdCompressSync(Buffer.from('no tar')),
    zstdCompressSync(await buffer(first)),
    zstdCompressSync(Buffer.alloc(0)),
    Buffer.alloc(0),
  ])
    for (const read of [peekBundle, (file: string) => readBundle(file, { limit })])
      await t.rejects(read(fileOf(dir, bytes)), { code: /^bundle\.(?:foreign|damaged)$/ })
})
