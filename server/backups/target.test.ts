import t from 'tap'
import { sampleContainer } from '../../test/samples.ts'
import type { Container } from '../docker/container.ts'
import type { TemplateDescription } from '../templates/template.ts'
import { targetsOf, type TargetDeps } from './target.ts'

const description = {
  name: 'blog',
  images: { db: { distro: { context: 'x', version: '11.8', engine: 'mariadb' } } },
  dumps: [
    { service: 'db', engine: 'mysql', database: 'blog', user: 'blog', password_env: 'DB_PASSWORD' },
    { service: 'app', engine: 'sqlite', database: '${VOLUME_STORAGE_ROOT}/${MINION}/app.db' },
  ],
} as unknown as TemplateDescription
const deps = (images: 'registry' | 'distro', containers: Partial<Container>[]): TargetDeps => ({
  describe: () => ({ description, images }),
  containers: () => containers.map((change) => sampleContainer(change)),
  readKept: () => ({ DB_PASSWORD: 'secret', VOLUME_STORAGE_ROOT: '/srv', MINION: 'blog' }),
  minionsDir: '/box/minions',
  folders: () => ['/srv/blog'],
})
const both: Partial<Container>[] = [
  { id: 'c1', service: 'db' },
  { id: 'c2', service: 'app' },
]

t.test('what a template declares, with the container and the password of now', async (t) => {
  t.match(targetsOf('blog', deps('registry', both)), [
    { engine: 'mysql', container: { id: 'c1' }, account: { user: 'blog', password: 'secret' } },
    { engine: 'sqlite', database: '/srv/blog/app.db', envFile: '/box/minions/blog/.env' },
  ])
})
t.test('a distribution build may serve another engine', async (t) => {
  t.equal(targetsOf('blog', deps('distro', both))[0]?.engine, 'mariadb')
})
t.test('a server must run, a file need not be served', async (t) => {
  const stopped = both.map((one) => ({ ...one, state: 'exited' as const }))
  t.throws(() => targetsOf('blog', deps('registry', stopped)), {
    code: 'dump.stopped',
    message: /db of blog/,
  })
  const half = [both[0]!, stopped[1]!]
  t.equal(targetsOf('blog', deps('registry', half)).length, 2)
  t.throws(() => targetsOf('blog', deps('registry', [both[0]!])), { code: 'dump.stopped' })
})
