import Sqlite from 'better-sqlite3'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { EngineImage, TransferOptions } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'
import { createPushedImageStore } from './pushed-image-store.ts'
import { nameInRegistry, registryNamed, type BuiltService, type RegistryMinion } from './pushed-image.ts'
import { createPushImages } from './push-images.ts'

const HASH = 'ab12cd34ef56'.padEnd(64, '0')
const BUILD = 'summoner/site-web:1.26-0123456789ab'
const registry = (minion: string, running = true): RegistryMinion => ({
  minion,
  running,
  upstream: '10.0.0.2:5000',
  account: { user: 'admin', password: 'pass' },
})
const service = (change: Partial<BuiltService> = {}): BuiltService => ({
  service: 'web',
  reference: BUILD,
  template: 'site',
  hash: HASH,
  ...change,
})
const context = { signal: new AbortController().signal, log: () => {}, progress: () => {} }

/** An engine that keeps names only; what is pushed can be pulled by its digest. */
function setUp({ services = [service()], registries = [registry('registry')], foreign = false } = {}) {
  const here = new Map<string, Omit<EngineImage, 'tags'>>()
  const far = new Map<string, Omit<EngineImage, 'tags'>>()
  const asked: { reference: string; account: TransferOptions['account'] }[] = []
  const add = (reference: string, id: string) =>
    here.set(reference, { id, digests: [], labels: foreign ? {} : { built: 'box' }, size: 1000 })
  const find = (reference: string) =>
    here.get(reference) ?? [...here.values()].find(({ id }) => id === reference)
  const db = new Sqlite(':memory:')
  db.exec(readFileSync(join(import.meta.dirname, '../db/migrations/009-pushed-images.sql'), 'utf8'))
  const pushImages = createPushImages({
    engine: {
      image: async (reference) => {
        const image = find(reference)
        if (!image) return undefined
        const tags = [...here].filter(([, { id }]) => id === image.id).map(([name]) => name)
        return { ...image, tags }
      },
      tag: async (reference, as) => void here.set(as, find(reference) as EngineImage),
      untag: async (reference) => void here.delete(reference),
      push: async (reference, { account }) => {
        asked.push({ reference, account })
        const image = here.get(reference)
        if (!image) throw new SummonerError('engine.missing', reference)
        const digest = `sha256:d-${image.id}`
        far.set(digest, image)
        return digest
      },
      pull: async (reference, { account }) => {
        asked.push({ reference, account })
        const image = far.get(reference.split('@')[1] ?? '')
        if (!image) throw new SummonerError('image.unavailable', 'manifest unknown')
        here.set(reference, image)
      },
    },
    store: createPushedImageStore(db),
    registries: () => registries,
    services: () => services,
    builtLabel: 'built',
    now: () => new Date('2026-11-21T12:00:00Z'),
  })
  return { pushImages, here, far, asked, add }
}

t.test('a distribution build keeps its name; an own build is named by its sources', async (t) => {
  t.equal(nameInRegistry(service()), BUILD)
  const own = service({ reference: 'kit-site-web', service: 'Web' })
  t.equal(nameInRegistry(own), 'summoner/site-web:own-ab12cd34ef56')
  t.not(nameInRegistry({ ...own, hash: 'f'.repeat(64) }), nameInRegistry(own))
})

t.test('which registry', async (t) => {
  t.equal(registryNamed(undefined, [registry('a'), registry('b', false)]).minion, 'a')
  t.equal(registryNamed('b', [registry('a'), registry('b')]).minion, 'b')
  t.throws(() => registryNamed(undefined, []), { code: 'registry.missing', hint: /summoner add registry/ })
  t.throws(() => registryNamed(undefined, [registry('a', false)]), {
    code: 'registry.missing',
    message: /a does not run/,
  })
  t.throws(() => registryNamed(undefined, [registry('a'), registry('b')]), {
    code: 'input.invalid',
    hint: /--registry/,
  })
  t.throws(() => registryNamed('c', [registry('a')]), { code: 'registry.missing' })
})

t.test('pushed with the account, under a name that is taken away again; pulled by its digest', async (t) => {
  const { pushImages, here, asked, add } = setUp()
  add(BUILD, 'one')
  const [done] = await pushImages.push('site', undefined, context)
  t.match(done, { service: 'web', name: BUILD, digest: 'sha256:d-one' })
  t.match(asked[0]?.reference, /^127\.0\.0\.1:\d+\/summoner\/site-web:1\.26-0123456789ab$/)
  t.same(asked[0]?.account, { user: 'admin', password: 'pass' })
  t.same([...here.keys()], [BUILD])
  const [listed] = await pushImages.list(['site'])
  t.match(listed, { minion: 'site', size: 1000, pushed: { registry: 'registry', digest: 'sha256:d-one' } })

  t.same(await pushImages.pull('site', undefined, context), [], 'it is here already')
  here.delete(BUILD)
  t.match(await pushImages.list(['site']), [{ reference: BUILD, size: undefined, pushed: {} }])
  t.same(await pushImages.pull('site', undefined, context), [BUILD])
  t.match(asked[1]?.reference, /^127\.0\.0\.1:\d+\/summoner\/site-web@sha256:d-one$/)
  t.same([...here.keys()], [BUILD])
})

t.test('a name that a killed daemon left goes with the next push', async (t) => {
  const { pushImages, here, add } = setUp()
  add(BUILD, 'one')
  add(`127.0.0.1:9/${BUILD}`, 'one')
  add('127.0.0.1:5000/somebody/else:1', 'one')
  await pushImages.push('site', undefined, context)
  t.same([...here.keys()], [BUILD, '127.0.0.1:5000/somebody/else:1'])
})

t.test('what was not built here is not pushed', async (t) => {
  const { pushImages, add } = setUp({ foreign: true })
  add(BUILD, 'one')
  await t.rejects(pushImages.push('site', undefined, context), { code: 'image.foreign' })
})

t.test('instead of a build: only what was pushed, and never an error', async (t) => {
  const { pushImages, here, far, add } = setUp()
  const wanted = { reference: BUILD, name: BUILD }
  t.equal(await pushImages.insteadOfBuilding(wanted, context), false, 'never pushed')
  add(BUILD, 'one')
  await pushImages.push('site', undefined, context)
  t.equal(await pushImages.insteadOfBuilding(wanted, context), false, 'here already')
  here.delete(BUILD)
  t.equal(await pushImages.insteadOfBuilding(wanted, context), true)
  t.ok(here.has(BUILD))
  here.delete(BUILD)
  far.clear()
  t.equal(await pushImages.insteadOfBuilding(wanted, context), false, 'the registry lost it: it is built')
})
