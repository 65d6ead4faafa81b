import t from 'tap'
import { hostOf, registryCheck } from './registry.ts'

type Wanted = Awaited<ReturnType<Parameters<typeof registryCheck>[0]['wanted']>>[number]
const minion = (name: string, more: Partial<Wanted> = {}): Wanted => ({
  name,
  images: 'auto',
  repositories: ['ghost'],
  distro: true,
  ...more,
})
const check = (reachable: string[], ...wanted: Wanted[]) =>
  registryCheck({ answers: async (host) => reachable.includes(host), wanted: async () => wanted }).run()

t.test('good: they answer, or are not needed', async (t) => {
  t.match(await check(['docker.io', 'ghcr.io'], minion('a', { repositories: ['ghost', 'ghcr.io/x/y'] })), {
    state: 'ok',
    detail: 'docker.io, ghcr.io answers.',
  })
  t.match(await check([], minion('a', { images: 'distro' })), { state: 'skip' })
  t.match(await check([], minion('a')), { state: 'ok', detail: /Distribution builds/u })
})
t.test('bad: some minions cannot get their images', async (t) => {
  t.match(await check([], minion('a'), minion('b', { distro: false }), minion('c', { images: 'registry' })), {
    state: 'warn',
    detail: /docker\.io cannot be reached.*for: b, c\./u,
    hint: /images: distro/u,
  })
})
t.test('the host of a repository', async (t) => {
  for (const [repository, host] of [
    ['ghost', 'docker.io'],
    ['library/nginx', 'docker.io'],
    ['docker.io/library/nginx', 'docker.io'],
    ['ghcr.io/a/b', 'ghcr.io'],
    ['localhost/x', 'localhost'],
    ['registry.acme.org:5000/x', 'registry.acme.org:5000'],
  ] as const)
    t.equal(hostOf(repository), host, repository)
})
