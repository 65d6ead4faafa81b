/** Images of strangers: only those that the set names by their ids, and never by names of theirs. */
import t from 'tap'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { extract, pack, type Header } from 'tar-stream'
import type { Engine, EngineImage, StreamExec } from '../../docker/container.ts'
import { imagesIn, loadImages, readImages } from './images.ts'

const sum = (text: string) => createHash('sha256').update(text).digest('hex')
const CONFIG = '{"rootfs":{"diff_ids":[]}}'
const ID = `sha256:${sum(CONFIG)}`
const services = [{ service: 'app', reference: 'app:1', id: ID, digests: [] }]
type Member = Partial<Header> & { name: string; text?: string }

const list = (Config: string, RepoTags: string[]) =>
  JSON.stringify([{ Config, RepoTags, Layers: ['a/layer.tar', 'b/layer.tar'] }])
const good: Member[] = [
  { name: 'a', type: 'directory' },
  { name: 'a/layer.tar', text: 'layer' },
  { name: 'b/layer.tar', type: 'symlink', linkname: '../a/layer.tar' },
  { name: `${sum(CONFIG)}.json`, text: CONFIG },
  { name: 'manifest.json', text: list(`${sum(CONFIG)}.json`, ['summoner/nginx:1', 'app:1']) },
  { name: 'repositories', text: '{"summoner/nginx":{"1":"a"}}' },
  {
    name: 'index.json',
    text: '{"manifests":[{"digest":"sha256:aa","annotations":{"name":"summoner/nginx:1"}}]}',
  },
]

async function fileOf(dir: string, members: readonly Member[]): Promise<string> {
  const tar = pack()
  for (const { text = '', ...member } of members) {
    if ((member.type ?? 'file') === 'file') tar.entry(member, text)
    else tar.entry(member).end(null)
  }
  tar.finalize()
  const file = join(dir, 'images.tar')
  writeFileSync(file, await buffer(tar))
  return file
}

function world(here: Record<string, string>) {
  const loaded: Buffer[] = []
  const engine = {
    image: async (name: string) => (here[name] ? ({ id: here[name] } as EngineImage) : undefined),
    tag: async (id: string, name: string) => void (here[name] = id),
  } as unknown as Engine
  const streams = {
    feed: async (argv: readonly string[], input: AsyncIterable<Uint8Array>) => {
      for await (const chunk of input) loaded.push(Buffer.from(chunk))
      here[ID] = ID
      return { code: 0, stdout: argv.join(' '), stderr: '' }
    },
  } as unknown as StreamExec
  return { here, loaded, deps: { engine, streams } }
}
const quiet = { signal: new AbortController().signal, log: () => {} }

t.test('it comes in without the names that the file gives it, under that of the set', async (t) => {
  const file = await fileOf(t.testdir(), good)
  t.same(await readImages(file, services), new Set([ID]))
  const { here, loaded, deps } = world({ 'summoner/nginx:1': 'sha256:other' })
  await loadImages(file, services, deps, quiet)
  t.same(here, { 'summoner/nginx:1': 'sha256:other', 'app:1': ID, [ID]: ID })
  const names = new Map<string, string>()
  const tar = extract()
  tar.end(Buffer.concat(loaded))
  for await (const entry of tar) {
    const text = (await buffer(entry)).toString()
    names.set(entry.header.name, entry.header.linkname || text)
  }
  t.notOk([...names.values()].some((text) => text.includes('summoner/nginx')))
  t.equal(names.get('a/layer.tar'), 'layer')
  t.equal(names.get('b/layer.tar'), '../a/layer.tar')
  t.equal(names.get(`${sum(CONFIG)}.json`), CONFIG)
  t.notOk(names.has('repositories'))
})

t.test('an image of this server keeps its name; one that is here is not loaded again', async (t) => {
  const file = await fileOf(t.testdir(), good)
  const taken = world({ 'app:1': 'sha256:mine' })
  await loadImages(file, services, taken.deps, quiet)
  t.equal(taken.here['app:1'], 'sha256:mine')
  const there = world({ [ID]: ID })
  await loadImages(file, services, there.deps, quiet)
  t.same(there.loaded, [])
  t.equal(there.here['app:1'], ID)
})

t.test(
  'refused: an image that the set does not name, one that is not what its id says, devices, rubbish',
  async (t) => {
    const dir = t.testdir()
    const refused = async (members: readonly Member[]) =>
      t.rejects(readImages(await fileOf(dir, members), services), { code: 'bundle.foreign' })
    const but = (name: string, change: Partial<Member>) =>
      good.map((member) => (member.name === name ? { ...member, ...change } : member))
    const other = '{"rootfs":{"diff_ids":["x"]}}'
    await refused(but(`${sum(CONFIG)}.json`, { text: other }))
    await refused([
      ...but('manifest.json', { text: list(`${sum(other)}.json`, []) }),
      { name: `${sum(other)}.json`, text: other },
    ])
    await refused(but('manifest.json', { text: list('nowhere.json', []) }))
    await refused(but('manifest.json', { text: '[{}]' }))
    await refused(but('manifest.json', { text: '{' }))
    await refused(good.filter(({ name }) => name !== 'manifest.json'))
    await refused([...good, { name: 'null', type: 'character-device', devmajor: 1, devminor: 3 }])
    writeFileSync(join(dir, 'rubbish'), 'x'.repeat(2000))
    await t.rejects(readImages(join(dir, 'rubbish'), services), { code: 'bundle.foreign' })
    t.equal(await imagesIn(join(dir, 'nowhere')), undefined)
  },
)
