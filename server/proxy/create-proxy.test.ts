import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Container } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'
import { createProxy } from './create-proxy.ts'
import type { Vhost } from './vhost.ts'

/** An nginx in memory: loads what `current` names at a reload, and refuses any text with the word `broken`. */
function nginx(dir: string) {
  const state = {
    running: true,
    loaded: '',
    tests: 0,
    reloads: 0,
    deaf: false,
    refusesReload: false,
    full: false,
  }
  const resolve = (path: string) => join(dir, path.replace('/etc/nginx/summoner/', ''))
  const complaint = (main: string): string | undefined => {
    // a pattern that nothing fits is no mistake for nginx
    for (const [, path] of main.matchAll(/include ([^\s*]+);/g))
      if (readFileSync(resolve(path ?? ''), 'utf8').includes('broken'))
        return `nginx: [emerg] unknown directive "broken" in ${path}:3`
    const fresh = /include (\S+\/new\.test\S+);/.exec(main)?.[1]
    if (state.full && fresh)
      return `nginx: [emerg] open() "/var/log/summoner/new.test.access.log" failed (28: No space left on device)`
    return undefined
  }
  const generation = () => readlinkSync(join(dir, 'current')).split('/')[1] ?? ''
  return {
    state,
    start: () => (state.loaded = generation()),
    deps: {
      container: async () => ({ id: 'n', state: state.running ? 'running' : 'exited' }) as Container,
      engine: {
        execIn: async (_id: string, argv: readonly string[]) => {
          state.tests++
          const said = complaint(readFileSync(resolve(argv.at(-1) ?? ''), 'utf8'))
          return { code: said ? 1 : 0, stdout: '', stderr: said ?? '' }
        },
        kill: async () => {
          state.reloads++
          if (!state.deaf && !state.refusesReload) state.loaded = generation()
        },
      },
      probe: {
        once: async () => (state.running && !state.deaf ? state.loaded : undefined),
        until: async (wanted: string) => state.running && !state.deaf && state.loaded === wanted,
      },
    },
  }
}

const page = (host: string): Vhost => ({
  host,
  owner: 'box',
  serve: { kind: 'page', reason: 'starting' },
  tls: undefined,
})
const mainOf = (dir: string) => readFileSync(join(dir, 'current/nginx.conf'), 'utf8')

function rig(dir: string) {
  const fake = nginx(dir)
  const events: string[] = []
  const boot = () =>
    createProxy({
      ...fake.deps,
      dirs: { proxy: dir, certificates: '/srv/certificates' },
      ports: { http: 80, https: 443, ipv6: false },
      rootPem: () => 'PEM',
      events: {
        append: (event) => {
          events.push(event.type)
          return { id: 1, at: '', source: 'summoner', severity: 'info', data: {}, ...event }
        },
      },
    })
  return { ...fake, events, boot, proxy: boot() }
}

t.test('a change is tested, swapped, loaded and told; the same again is nothing', async (t) => {
  const dir = t.testdir()
  const { proxy, state, events } = rig(dir)
  const first = await proxy.apply([page('a.test')])
  t.match(first, { changed: true, rejected: [] })
  t.equal(await proxy.generation(), first.generation)
  t.same([state.tests, state.reloads], [1, 1])
  t.same(await proxy.apply([page('a.test')]), { ...first, changed: false })
  t.same([state.tests, state.reloads], [1, 1])
  t.same(events, ['proxy.reloaded'])
  t.match(mainOf(dir), 'a.test.')
})

t.test('one changed host writes one file', async (t) => {
  const dir = t.testdir()
  const { proxy } = rig(dir)
  const many = Array.from({ length: 30 }, (_, index) => page(`h${index}.test`))
  await proxy.apply(many)
  const before = new Set(readdirSync(join(dir, 'hosts')))
  await proxy.apply([...many.slice(1), { ...page('h0.test'), serve: { kind: 'page', reason: 'failed' } }])
  t.equal(readdirSync(join(dir, 'hosts')).filter((name) => !before.has(name)).length, 1)
})

t.test('without nginx the tree is written only; nginx finds it when it starts', async (t) => {
  const dir = t.testdir()
  const { proxy, state, start } = rig(dir)
  state.running = false
  await proxy.prepare([page('a.test')])
  await proxy.prepare([page('a.test')])
  t.equal(readdirSync(join(dir, 'generations')).length, 1)
  const applied = await proxy.apply([page('a.test'), page('b.test')])
  t.equal(applied.changed, true)
  t.same([state.tests, state.reloads], [0, 0])
  state.running = true
  start()
  t.equal((await proxy.apply([page('a.test'), page('b.test')])).changed, false)
  t.equal(state.reloads, 0)
})

t.test('a broken host is left out, named, and not tried again', async (t) => {
  const dir = t.testdir()
  const { proxy, state } = rig(dir)
  const wanted = [page('a.test'), page('broken.test'), page('b.test'), page('not a host'), page('a.test')]
  const applied = await proxy.apply(wanted)
  t.same(applied.rejected.map(({ host }) => host).sort(), ['a.test', 'broken.test', 'not a host'])
  t.match(applied.rejected.find(({ host }) => host === 'broken.test')?.message, /^unknown directive "broken"/)
  t.notMatch(mainOf(dir), 'broken')
  t.match(mainOf(dir), 'b.test')
  const tests = state.tests
  t.equal((await proxy.apply(wanted)).changed, false)
  t.equal(state.tests, tests)
})

t.test('nginx that does not load the new tree keeps the old one', async (t) => {
  const dir = t.testdir()
  const { proxy, state, events } = rig(dir)
  const good = await proxy.apply([page('a.test')])
  state.refusesReload = true
  await t.rejects(proxy.apply([page('a.test'), page('b.test')]), { code: 'proxy.unreachable' })
  t.equal(readlinkSync(join(dir, 'current')), `generations/${good.generation}`)
  t.equal(await proxy.generation(), good.generation)
  t.equal(events.at(-1), 'proxy.failed')
  state.refusesReload = false
  t.equal((await proxy.apply([page('a.test'), page('b.test')])).changed, true, 'the next call tries again')
})

t.test('a daemon that died between swap and reload: the next one loads what is current', async (t) => {
  const dir = t.testdir()
  const { proxy, boot, state, deps } = rig(dir)
  await proxy.apply([page('a.test')])
  const kill = deps.engine.kill
  deps.engine.kill = () => new Promise(() => {})
  void boot().apply([page('a.test'), page('b.test')])
  const old = state.loaded
  while (readlinkSync(join(dir, 'current')).endsWith(old)) await new Promise((done) => setTimeout(done, 5))
  t.equal(state.loaded, old, 'nginx still serves the old tree')
  deps.engine.kill = kill
  const next = await boot().apply([page('a.test'), page('b.test')])
  t.equal(next.changed, false)
  t.equal(state.loaded, next.generation)
})

t.test('calls at once share a run; the newest wish wins', async (t) => {
  const dir = t.testdir()
  const { proxy, state } = rig(dir)
  const calls = Array.from({ length: 10 }, (_, index) =>
    proxy.apply(Array.from({ length: index + 1 }, (__, host) => page(`h${host}.test`))),
  )
  const results = await Promise.all(calls)
  t.equal(state.reloads, 1)
  t.equal(new Set(results.map(({ generation }) => generation)).size, 1)
  t.match(mainOf(dir), 'h9.test')
})

t.test('one failed run does not poison the next', async (t) => {
  const dir = t.testdir()
  const { proxy, state } = rig(dir)
  state.deaf = true
  const failing = proxy.apply([page('a.test')])
  const after = failing.catch(() => {
    state.deaf = false
    return proxy.apply([page('b.test')])
  })
  await t.rejects(failing)
  t.equal((await after).changed, true)
})

t.test('nginx that goes away while it is asked: said so, nothing swapped', async (t) => {
  const dir = t.testdir()
  const { proxy, deps } = rig(dir)
  const good = await proxy.apply([page('a.test')])
  deps.engine.execIn = () => Promise.reject(new SummonerError('engine.missing', 'no such container'))
  await t.rejects(proxy.apply([page('b.test')]), { code: 'proxy.unreachable' })
  t.equal(readlinkSync(join(dir, 'current')), `generations/${good.generation}`)
})

t.test('what the system refused once is tried again; what nginx cannot read stays out', async (t) => {
  const dir = t.testdir()
  const { proxy, state } = rig(dir)
  await proxy.apply([page('a.test')])
  state.full = true
  const refused = await proxy.apply([page('a.test'), page('new.test')])
  t.match(refused.rejected, [{ host: 'new.test', message: /No space left/ }])
  t.match(await proxy.apply([page('a.test'), page('new.test')]), { changed: false, rejected: [{}] })
  state.full = false
  t.match(await proxy.apply([page('a.test'), page('new.test')]), { changed: true, rejected: [] })
  t.match(mainOf(dir), 'new.test')
})
