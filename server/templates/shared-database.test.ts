import t from 'tap'
import { parse } from 'yaml'
import { render } from './render.ts'
import {
  serverEngine,
  serverName,
  sharingOf,
  sharingProblem,
  tenantName,
  tenantOf,
  withoutDatabase,
} from './shared-database.ts'
import type { ComposeFile, Template } from './template.ts'
import { composeText, renderInput, template } from './two-services.fixture.ts'

const prepared = (change: Partial<Template['description']> = {}): Template => {
  const compose = parse(
    composeText
      .replace('      TITLE:', '      DB_NAME: ${DATABASE_NAME:-blog}\n      TITLE:')
      .replace('      migrate: {', '      db: {condition: service_healthy}\n      migrate: {'),
  ) as ComposeFile
  return template(compose, {
    dumps: [
      {
        service: 'db',
        engine: 'mariadb',
        database: '${DATABASE_NAME:-blog}',
        user: '${DATABASE_USER:-blog}',
        password_env: 'DB_PASSWORD',
      },
    ],
    ...change,
  })
}
const shared = { application: { database: 'shared' as const } }

t.test('a shared minion is rendered without its database', async (t) => {
  const rendered = render(renderInput(prepared(), shared))
  t.strictSame(rendered.database, {
    server: 'databases-mariadb-11-8',
    engine: 'mariadb',
    series: '11.8',
    tag: '11.8.2',
    images: 'registry',
    service: 'db',
    networks: ['default'],
    database: 'app_blog',
    user: 'app_blog',
    passwordEnv: 'DB_PASSWORD',
  })
  t.strictSame(
    rendered.services.map(({ service }) => service),
    ['blog', 'migrate'],
  )
  t.notOk(rendered.images.some(({ service }) => service === 'db'))
  t.notOk(rendered.folders.some(({ path }) => path.includes('database')))
  const override = parse(rendered.override, { logLevel: 'silent' }) as {
    services: Record<string, { depends_on?: object } | null>
  }
  t.strictSame(override.services['blog']?.depends_on, {
    migrate: { condition: 'service_completed_successfully' },
  })
  t.match(rendered.override, /^ {2}db: !reset null$/m)
  t.match(rendered.override, /depends_on: !override$/m)
  t.equal(rendered.env['DATABASE_SERVER'], 'databases-mariadb-11-8')
  t.equal(rendered.env['MARIADB_VERSION'], '11.8.2', 'the proof of a backup runs it')
})

t.test('dedicated stays what it was: no variable of the shared form is set', async (t) => {
  const rendered = render(renderInput(prepared()))
  t.equal(rendered.database, undefined)
  t.notOk(Object.keys(rendered.env).some((key) => /^DATABASE_(NAME|USER|SERVER)$/.test(key)))
  t.not(rendered.hash, render(renderInput(prepared(), shared)).hash)
})

t.test('a database that was restored beside another keeps its name', async (t) => {
  const { database } = render(renderInput(prepared(), { ...shared, kept: { DATABASE_NAME: 'app2_blog' } }))
  t.equal(database?.database, 'app2_blog')
  t.equal(database?.user, 'app2_blog', 'and has an account of its own')
})

t.test('what cannot be shared says why', async (t) => {
  const dump = (change: object) => prepared({ dumps: [{ ...prepared().description.dumps![0]!, ...change }] })
  const refused: [Template, RegExp][] = [
    [prepared({ dumps: [] }), /has no database/],
    [dump({ engine: 'mongodb' }), /keeps its data in mongodb, which cannot be shared/],
    [dump({ engine: 'redis' }), /redis, which cannot be shared/],
    [dump({ engine: 'sqlite' }), /sqlite, which cannot be shared/],
    [dump({ database: 'blog' }), /not named \$\{DATABASE_NAME/],
    [dump({ database: '${DATABASE_NAME}' }), /not named \$\{DATABASE_NAME/],
    [dump({ user: 'blog' }), /not named \$\{DATABASE_USER/],
    [dump({ password_env: undefined }), /which input holds the password/],
    [
      prepared({ backup: { consistency: 'hot', before: [{ service: 'db', argv: ['true'] }] } }),
      /runs commands inside db/,
    ],
    [
      prepared({
        dumps: [...prepared().description.dumps!, ...dump({ service: 'blog' }).description.dumps!],
      }),
      /several databases/,
    ],
  ]
  for (const [given, words] of refused)
    t.throws(() => sharingOf(given, 'registry'), { code: 'database.unshared', message: words })
  t.throws(() => render(renderInput(prepared({ dumps: [] }), shared)), { code: 'database.unshared' })
  const untold = prepared()
  t.match(
    sharingProblem(untold.description.dumps![0]!, template(parse(composeText) as ComposeFile)),
    /no other service is told/,
  )
})

t.test('the engine of a distribution build counts', async (t) => {
  const given = prepared()
  given.description.dumps![0]!.engine = 'mysql'
  given.description.images['db']!.distro = { context: 'x', version: '11.8', engine: 'mariadb' }
  t.equal(sharingOf(given, 'registry').engine, 'mysql')
  t.equal(sharingOf(given, 'distro').engine, 'mariadb')
})

t.test('names lead back to their minions, and to no other', async (t) => {
  for (const minion of ['a', 'blog-2', 'a--b', 'root', 'mysql', 'app-x'])
    for (const generation of [1, 2, 31])
      t.strictSame(tenantOf(tenantName(minion, generation)), { minion, generation })
  for (const other of ['mysql', 'postgres', 'information_schema', 'app', 'app_', 'App_blog', 'app_x;y'])
    t.equal(tenantOf(other), undefined)
  t.equal(serverName('postgres', '17'), 'databases-postgres-17')
  t.equal(serverEngine('databases-mariadb-11-8'), 'mariadb')
  for (const other of ['databases-mongodb-7', 'databases-mariadb', 'blog', 'databases-'])
    t.equal(serverEngine(other), undefined)
})

t.test('memory and waiting lists lose the service too; short lists are read as compose does', async (t) => {
  const given = prepared()
  given.compose.services['migrate']!['depends_on'] = ['db', 'blog']
  given.description.resources.services!['db'] = { memory: 128 }
  const { compose, description } = withoutDatabase(given, 'db')
  t.equal(description.resources.memory, 384)
  t.strictSame(compose.services['migrate']?.['depends_on'], { blog: { condition: 'service_started' } })
  t.notOk('db' in compose.services)
})
