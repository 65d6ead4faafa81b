import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Engine, Exec } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'
import type { Template } from '../templates/template.ts'
import { hashContext } from './context.ts'
import { createImages } from './create-images.ts'

type Pull = Engine['pull']
type Build = Engine['build']

/** An engine with images by name; pulls and builds do what the test says and are written down. */
function fakeEngine(here: string[], pull?: Pull, build?: Build) {
  const images = new Set(here)
  const did: string[] = []
  const engine: Pick<Engine, 'image' | 'pull' | 'build'> = {
    image: async (reference) =>
      images.has(reference) ? { id: 'sha256:1', digests: [], labels: {}, size: 1, tags: [] } : undefined,
    pull: async (reference, options) => {
      did.push(`pull ${reference}`)
      await pull?.(reference, options)
      images.add(reference)
    },
    build: async (context, options) => {
      did.push(`build ${options.tag}`)
      context.resume()
      await build?.(context, options)
      images.add(options.tag)
      return 'sha256:2'
    },
  }
  return { engine, did }
}

function job(signal = new AbortController().signal) {
  const lines: string[] = []
  const steps: string[] = []
  return {
    lines,
    steps,
    context: {
      signal,
      log: (line: string) => lines.push(line),
      progress: (done: number, total: number, unit: string) => steps.push(`${done}/${total} ${unit}`),
    },
  }
}

function setUp(parts: {
  dir: string
  engine: Pick<Engine, 'image' | 'pull' | 'build'>
  reachable?: (registry: string) => Promise<boolean>
  now?: () => number
}) {
  const pauses: number[] = []
  const ran: string[][] = []
  const exec: Exec = async (argv) => {
    ran.push([...argv])
    return { code: 0, stdout: '', stderr: '' }
  }
  const images = createImages({
    engine: parts.engine,
    exec,
    minionsDir: join(parts.dir, 'minions'),
    scriptsDir: '/scripts',
    network: { httpsProxy: 'http://proxy.example:3128' },
    boxId: 'box1',
    random: () => 0.5,
    sleep: async (ms) => void pauses.push(ms),
    ...(parts.reachable ? { reachable: parts.reachable } : {}),
    ...(parts.now ? { now: parts.now } : {}),
  })
  return { images, pauses, ran }
}

function template(parts: { distro?: boolean; repository?: string } = {}): Template {
  const { distro = true, repository = 'nginx' } = parts
  return {
    name: 'site',
    dir: '/nowhere',
    builds: distro ? { web: 'abcdefabcdef' } : {},
    compose: { services: {} },
    composeText: '',
    hash: '',
    consumed: '',
    description: {
      name: 'site',
      summary: { en: '', fr: '' },
      category: 'web',
      revision: 1,
      resources: { memory: 1, disk: 1 },
      images: {
        web: {
          repository,
          tag: '1.30.4',
          pattern: '.',
          variable: 'V',
          ...(distro ? { distro: { context: 'distro/web', version: '1.26' } } : {}),
        },
      },
    },
  }
}

function context(root: string, folder: string, files: Record<string, string>): string {
  const dir = join(root, folder)
  mkdirSync(dir, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return dir
}

t.test('choosing asks the registry only when nothing is here, and remembers for a minute', async (t) => {
  let now = 0
  const asked: string[] = []
  const { engine } = fakeEngine([])
  const { images } = setUp({
    dir: t.testdir(),
    engine,
    now: () => now,
    reachable: async (registry) => {
      asked.push(registry)
      return registry === 'docker.io'
    },
  })
  t.equal(await images.choose('auto', template()), 'registry')
  t.equal(await images.choose('auto', template({ repository: 'quay.io/a/b' })), 'distro')
  await images.choose('auto', template())
  t.same(asked, ['docker.io', 'quay.io'], 'the second question was answered from memory')
  now = 61_000
  await images.choose('auto', template())
  t.equal(asked.length, 3)
  t.equal(await images.choose('auto', template({ distro: false, repository: 'quay.io/a/b' })), 'registry')
  t.equal(await images.choose('distro', template()), 'distro')
  t.equal(await images.choose('registry', template()), 'registry')
  t.equal(asked.length, 3, 'a wish, or a template without a build, is no question')
  await t.rejects(images.choose('distro', template({ distro: false })), { code: 'image.unavailable' })
})

t.test('choosing keeps to what is here already', async (t) => {
  const reachable = async () => t.fail('no question') as never
  const upstream = setUp({ dir: t.testdir(), engine: fakeEngine(['nginx:1.30.4']).engine, reachable })
  t.equal(await upstream.images.choose('auto', template()), 'registry')
  const own = fakeEngine(['summoner/site-web:1.26-abcdefabcdef'])
  t.equal(
    await setUp({ dir: t.testdir(), engine: own.engine, reachable }).images.choose('auto', template()),
    'distro',
  )
})

t.test('ensure pulls what is missing, once', async (t) => {
  const { engine, did } = fakeEngine(['mariadb:11.8.8'], async (_reference, options) =>
    options.onProgress?.(5, 10, 'Downloading'),
  )
  const { images } = setUp({ dir: t.testdir(), engine })
  const wanted = [
    { service: 'a', reference: 'nginx:1' },
    { service: 'b', reference: 'nginx:1' },
    { service: 'c', reference: 'mariadb:11.8.8' },
  ]
  const { context, steps } = job()
  t.equal(await images.present(wanted), false)
  await images.ensure(wanted, '/t', context)
  t.same(did, ['pull nginx:1'])
  t.same(steps, ['5/10 bytes'])
  t.equal(await images.present(wanted), true)
})

const failures: [said: string, code: string, tries: number, hint: RegExp][] = [
  ['manifest for nginx:9 not found: manifest unknown', 'image.unavailable', 1, /version/],
  [
    'pull access denied for x, repository does not exist or may require docker login',
    'image.unavailable',
    1,
    /version/,
  ],
  ['toomanyrequests: You have reached your pull rate limit', 'image.unavailable', 3, /docker login/],
  ['Get "https://registry/v2/": dial tcp: lookup registry: no such host', 'image.unavailable', 3, /network/],
  ['unauthorized: authentication required', 'image.unavailable', 1, /docker login/],
  ['write /var/lib/docker/tmp/x: no space left on device', 'disk.full', 1, /space/],
]
for (const [said, code, tries, hint] of failures) {
  t.test(`a pull that fails with "${said.slice(0, 40)}…"`, async (t) => {
    const { engine, did } = fakeEngine([], async () => {
      throw new SummonerError('engine.failed', said)
    })
    const { images, pauses } = setUp({ dir: t.testdir(), engine })
    await t.rejects(images.ensure([{ service: 'a', reference: 'nginx:9' }], '/t', job().context), {
      code,
      hint,
    })
    t.equal(did.length, tries)
    t.equal(pauses.length, tries - 1)
    if (pauses.length === 2) t.equal(pauses[1], (pauses[0] ?? 0) * 2, 'pauses double')
  })
}

t.test('a pull that works at the third try is a success', async (t) => {
  let calls = 0
  const { engine } = fakeEngine([], async () => {
    if (++calls < 3) throw new SummonerError('engine.failed', 'net/http: TLS handshake timeout')
  })
  const { images } = setUp({ dir: t.testdir(), engine })
  await images.ensure([{ service: 'a', reference: 'nginx:9' }], '/t', job().context)
  t.equal(calls, 3)
})

t.test('builds: base first, proxy handed on, progress by step, one at a time', async (t) => {
  const root = t.testdir()
  const dockerfile = 'FROM summoner/base:trixie\nRUN true\n'
  const dir = context(root, 'minions/site/distro/web', { Dockerfile: dockerfile })
  context(root, 'minions/.distro/db', { Dockerfile: dockerfile })
  let running = 0
  let most = 0
  const { engine, did } = fakeEngine([], undefined, async (_context, { args, labels, onLine }) => {
    most = Math.max(most, ++running)
    t.equal(args?.['https_proxy'], 'http://proxy.example:3128')
    t.match(labels, { 'io.summoner.kind': 'build', 'io.summoner.box': 'box1' })
    onLine?.('Step 2/4 : RUN true')
    await new Promise((resolve) => setImmediate(resolve))
    running--
    return ''
  })
  const { images, ran } = setUp({ dir: root, engine })
  const one = { service: 'web', reference: 'one', build: { context: 'distro/web', version: '1' } }
  const two = { service: 'db', reference: 'two', build: { context: '../.distro/db', version: '1' } }
  const jobs = [job(), job(), job()]
  const templateDir = join(root, 'minions/site')
  await Promise.all([
    images.ensure([one], templateDir, jobs[0]!.context),
    images.ensure([two], templateDir, jobs[1]!.context),
    images.ensure([one], templateDir, jobs[2]!.context),
  ])
  t.equal(most, 1)
  t.same(did, ['build one', 'build two'], 'the third found what the first had built')
  t.same(jobs[0]!.steps, ['1/4 steps'])
  t.match(ran[0], ['/scripts/base-image.sh', '--suite', 'trixie'])
  t.match(hashContext(dir), /^[0-9a-f]{12}$/)
  await t.rejects(
    images.ensure(
      [{ ...one, reference: 'x', build: { context: '../../..', version: '1' } }],
      templateDir,
      job().context,
    ),
    { code: 'template.invalid' },
  )
})

t.test('a build that fails says why; a cancelled one does not hold the next up', async (t) => {
  const root = t.testdir()
  context(root, 'minions/site/distro', { Dockerfile: 'FROM scratch\n' })
  const wanted = (reference: string) => [
    { service: 'web', reference, build: { context: 'distro', version: '1' } },
  ]
  const abort = new AbortController()
  const { engine, did } = fakeEngine([], undefined, async (_context, { tag, onLine, signal }) => {
    if (tag === 'slow')
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))
    if (tag !== 'broken') return ''
    onLine?.('E: Unable to fetch some archives')
    throw new SummonerError('image.build', 'Building broken: returned a non-zero code: 100')
  })
  const { images } = setUp({ dir: root, engine })
  const dir = join(root, 'minions/site')
  await t.rejects(images.ensure(wanted('broken'), dir, job().context), {
    code: 'image.build',
    message: /Unable to fetch/,
    hint: /package source/,
  })
  const slow = t.rejects(images.ensure(wanted('slow'), dir, job(abort.signal).context), {
    code: 'job.cancelled',
  })
  const waiter = job()
  const next = images.ensure(wanted('next'), dir, waiter.context)
  await new Promise((resolve) => setImmediate(resolve))
  abort.abort()
  await slow
  await next
  t.same(did, ['build broken', 'build slow', 'build next'])
  t.match(waiter.lines.join('\n'), /next waits for another build/)
})
