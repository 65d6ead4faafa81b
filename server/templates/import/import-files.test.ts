import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import type { ComposeFile, TemplateDescription } from '../template.ts'
import type { ImportReport } from './report.ts'
import { imported, summonable } from './summonable.fixture.ts'

const FIXTURES = join(import.meta.dirname, '../../../test/fixtures/compose')
const file = (name: string) => readFileSync(join(FIXTURES, name), 'utf8')
const folder = (name: string) =>
  Object.fromEntries(readdirSync(join(FIXTURES, name)).map((each) => [each, file(`${name}/${each}`)]))
const compose = (report: ImportReport) => parse(report.files['compose.yml'] ?? '') as ComposeFile
const minion = (report: ImportReport) => parse(report.files['minion.yml'] ?? '') as TemplateDescription
const places = (list: readonly { path: string; line?: number; column?: number }[]) =>
  list.map(({ path, line, column }) => `${path}:${line}:${column}`)
const open = (report: ImportReport) => report.questions.filter((question) => question.default === undefined)

t.test('what people have', async (t) => {
  t.test('a context above the folder is refused where it stands', async (t) => {
    const report = imported(file('build-context-above.yml'))
    t.notOk(report.ok)
    t.same(places(report.refusals), ['compose.yml:6:7'])
    t.match(report.refusals[0]?.what, /\.\.\/ lies outside/)
    t.same(report.files, {})
    const whole = imported(
      {
        'ops/compose.yml': file('build-context-above.yml'),
        'ops/Dockerfile.release': 'FROM scratch\n',
        'main.c': '',
      },
      { entry: 'ops/compose.yml' },
    )
    t.same(whole.refusals, [])
    t.match(compose(whole).services['shop']?.build, {
      context: './source',
      dockerfile: 'ops/Dockerfile.release',
    })
    t.same(Object.keys(whole.files).toSorted(), [
      'compose.yml',
      'minion.yml',
      'source/main.c',
      'source/ops/Dockerfile.release',
    ])
    summonable(whole)
  })

  t.test('a build without its folder is refused, with it becomes a minion', async (t) => {
    const alone = imported(file('build-and-database.yml'))
    t.same(places(alone.refusals), ['compose.yml:3:5'])
    t.match(alone.refusals[0]?.advice, /whole folder/)
    const report = imported({ 'compose.yml': file('build-and-database.yml'), Dockerfile: 'FROM scratch\n' })
    t.ok(report.ok)
    const { template } = summonable(report)
    t.match(template.description.web, [{ service: 'site', port: 5000 }])
    t.equal(template.description.images['store']?.tag, '17.11-trixie')
    t.match(template.description.dumps, [
      { engine: 'postgres', user: 'postgres', password_env: 'POSTGRES_PASSWORD' },
    ])
    t.match(template.compose.services['store'], {
      volumes: ['${DATABASE_STORAGE_ROOT}/${MINION}/data:/var/lib/postgresql/data'],
      ports: undefined,
    })
  })

  t.test('passwords leave the file, those that were shared stay shared', async (t) => {
    const report = imported(file('database-with-env-file.yml'))
    t.ok(report.ok)
    t.notMatch(JSON.stringify(report.files), /Zq81kLm4Xw/)
    const { template, rendered } = summonable(report)
    const { sql, press } = template.compose.services
    t.match(sql?.environment, {
      MYSQL_ROOT_PASSWORD: '${MYSQL_ROOT_PASSWORD}',
      MYSQL_PASSWORD: '${BLOG_DB_PASSWORD}',
    })
    t.match(press?.environment, { WORDPRESS_DB_PASSWORD: '${BLOG_DB_PASSWORD}', VIRTUAL_PORT: '80' })
    t.match(press?.['depends_on'], { sql: { condition: 'service_healthy' } })
    t.equal(rendered.env['BLOG_DB_USER'], 'blog')
    t.same(rendered.secrets.toSorted(), ['BLOG_DB_PASSWORD', 'MYSQL_ROOT_PASSWORD'])
    t.same(
      rendered.folders.map(({ path }) => path),
      ['/srv/data/database/mine/sql-files', '/srv/data/mine/html'],
    )
    t.match(report.changes.find(({ what }) => what.startsWith('env_file'))?.line, 5)
  })

  t.test('an image without any tag is a question', async (t) => {
    const report = imported(file('first-version-static.yml'))
    t.same(
      open(report).map(({ id }) => id),
      ['tag:pages'],
    )
    t.same(places(open(report)), ['compose.yml:3:3'])
    const answered = imported(file('first-version-static.yml'), { answers: { 'tag:pages': '1.2.0' } })
    t.ok(answered.ok)
    const { rendered } = summonable(answered)
    t.same(
      rendered.folders.map(({ path }) => path),
      ['/srv/data/mine/pages'],
    )
    t.equal(rendered.web[0]?.upstream, '10.213.0.18:80')
    t.notOk(imported(file('first-version-static.yml'), { answers: { 'tag:pages': 'latest' } }).ok)
  })

  t.test('placeholders are asked', async (t) => {
    const report = imported(file('first-version-placeholders.yml'))
    t.same(
      open(report).map(({ id }) => id),
      ['image:program'],
    )
    const answers = {
      'image:program': 'example/program:3.1',
      'env:program': 'DB_HOST=mysql\nDB_PASSWORD=secret9',
    }
    const answered = imported(file('first-version-placeholders.yml'), { answers })
    t.ok(answered.ok)
    const { template } = summonable(answered)
    t.match(template.compose.services['sql']?.networks, { default: { aliases: ['mysql'] } })
    t.match(template.compose.services['program']?.environment, {
      DB_HOST: 'mysql',
      DB_PASSWORD: '${DB_PASSWORD}',
    })
    t.match(template.compose.services['program']?.['volumes'], [
      '${VOLUME_STORAGE_ROOT}/${MINION}/files:/opt/program/files',
    ])
  })

  t.test('a file of the first version', async (t) => {
    const report = imported(file('first-version-blog.yml'))
    t.ok(report.ok)
    const { template } = summonable(report)
    t.match(template.compose.services['journal'], {
      image: 'ghost:${JOURNAL_VERSION}',
      volumes: ['${VOLUME_STORAGE_ROOT}/${MINION}/blog:/var/lib/ghost/content'],
      environment: { url: '${URL}', VIRTUAL_PORT: '2368' },
    })
  })

  t.test('anchors, shared passwords, one-shots, workers', async (t) => {
    const report = imported(file('shared-settings.yml'))
    t.same(open(report), [])
    t.ok(report.ok)
    t.notMatch(JSON.stringify(report.files), /hunter22|0123456789abcdef|from-the-mail/)
    const { template, rendered } = summonable(report, { env: { SMTP_PASSWORD: 'x' } })
    const environment = template.compose.services['web']?.environment as Record<string, string>
    t.equal(environment['DATABASE_URL'], 'postgresql://tracker:${POSTGRES_PASSWORD}@db:5432/tracker')
    t.equal(environment['PUBLIC_URL'], '${URL}')
    t.equal(environment['VERSION'], '8.10')
    t.equal(environment['REDIS_URL'], 'redis://cache:6379/0')
    t.same(template.description.health?.oneshot, ['migrate'])
    t.match(template.description.inputs?.find(({ id }) => id === 'SECRET_KEY_BASE')?.generate, {
      alphabet: 'hex',
      length: 64,
    })
    t.match(
      template.description.inputs?.find(({ id }) => id === 'SMTP_PASSWORD'),
      { required: true, generate: undefined },
    )
    t.same(template.compose.services['worker']?.['command'], ['bin/worker', '--price=$$5'])
    t.equal(template.description.images['db']?.tag, '16.15-alpine3.24')
    const uploads = rendered.folders.filter(({ path }) => path.endsWith('/uploads'))
    t.equal(uploads.length, 1, 'a volume of two services is one folder')
    t.throws(() => summonable(report), /SMTP_PASSWORD/)
  })

  t.test('a file made for another proxy', async (t) => {
    const report = imported({ 'compose.yml': file('other-proxy.yml'), 'root.txt': 'topsecret1\n' })
    t.ok(report.ok)
    t.notMatch(JSON.stringify(report.files), /topsecret1|old_pages|172\.20/)
    const { template } = summonable(report)
    t.match(template.description.web, [{ service: 'wiki', port: 4567 }])
    t.same(template.compose.services['wiki']?.['labels'], { team: 'docs' })
    t.same(template.compose.services['wiki']?.networks, { inner: {} })
    t.same(template.compose.services['db']?.networks, { inner: { aliases: ['sql'] } })
    t.same(template.compose.networks, { inner: { internal: true } })
    t.equal(template.compose.services['wiki']?.mem_limit, undefined)
    t.equal(template.description.resources.services?.['wiki']?.memory, 300)
    t.match(template.compose['secrets'], { root: { environment: 'ROOT' } })
  })

  t.test('a folder with sources', async (t) => {
    const report = imported(folder('counter-app'), { name: undefined })
    t.ok(report.ok)
    t.equal(report.name, 'counter')
    t.same(Object.keys(report.files).toSorted(), [
      'compose.yml',
      'files/settings.ini',
      'minion.yml',
      'source/Dockerfile',
      'source/counter.pl',
      'source/settings.ini',
    ])
    const { template, rendered } = summonable(report)
    t.same(template.compose.services['app']?.['volumes'], [
      './files/settings.ini:/etc/counter.ini:ro',
      '${VOLUME_STORAGE_ROOT}/${MINION}/data:/data',
    ])
    t.match(template.compose.services['app']?.build, {
      context: './source',
      args: { GREETING: '${GREETING}' },
    })
    t.equal(rendered.env['GREETING'], 'hello')
    t.match(rendered.folders, [{ path: '/srv/data/mine/data', owner: '1000:1000' }])
    t.match(report.changes.find(({ what }) => what.includes('.:/app'))?.line, 11)
  })

  t.test('a folder with nothing but a Dockerfile', async (t) => {
    const report = imported({ Dockerfile: 'FROM scratch\nVOLUME /state\nEXPOSE 8080\n' })
    t.ok(report.ok)
    const { template } = summonable(report)
    t.match(template.description.web, [{ service: 'app', port: 8080 }])
    t.same(template.compose.services['app']?.['volumes'], ['${VOLUME_STORAGE_ROOT}/${MINION}/state:/state'])
  })

  t.test('settings of the folder', async (t) => {
    const report = imported({
      'compose.yml':
        'services:\n  a:\n    image: a:${TAG}\n    env_file: web.env\n    environment: {MODE: "$MODE", PLAIN: }\n    ports: ["${PORT}:80"]\n',
      '.env': 'TAG=3.2\nMODE="two words"\nPORT=9000\nAPI_TOKEN=abc12345\n',
      'web.env': "# comment\nexport LEVEL=debug # why\nADMIN_PASSWORD='pa$word'\nnonsense line\n",
    })
    t.ok(report.ok)
    const { rendered, template } = summonable(report, { env: { PLAIN: 'p' } })
    t.equal(template.description.images['a']?.tag, '3.2')
    t.match(rendered.env, { MODE: 'two words', PLAIN: 'p' })
    t.notMatch(JSON.stringify(report.files), /pa\$word|abc12345/)
    t.match(template.compose.services['a']?.environment, {
      LEVEL: 'debug',
      ADMIN_PASSWORD: '${ADMIN_PASSWORD}',
      MODE: '${MODE}',
    })
    t.ok(report.changes.some(({ path, line }) => path === 'web.env' && line === 4))
  })

  t.test('builds from packages are offered where the templates share one', async (t) => {
    const report = imported('services: {a: {image: nginx}}', { distros: ['nginx'] })
    t.match(minion(report).images['a'], { tag: '1.30.4-alpine', distro: { context: '../.distro/nginx' } })
  })
})

t.test('which service faces the web', async (t) => {
  const two = (a: string, b: string) => `services:\n  a: {image: a:1, ${a}}\n  b: {image: b:1, ${b}}\n`
  const rows: [what: string, text: string, web: string | undefined][] = [
    ['the only one that publishes', two('ports: ["8080:80"]', 'expose: [9999]'), 'a:80'],
    [
      'not the database',
      'services: {a: {image: a:1, ports: [3000]}, db: {image: mysql:8.4.11, ports: ["3306:3306"]}}',
      'a:3000',
    ],
    ['80 before 443', 'services: {a: {image: a:1, ports: ["443:443", "80:80"]}}', 'a:80'],
    [
      'VIRTUAL_HOST before ports',
      two('ports: ["8080:80"]', 'environment: {VIRTUAL_HOST: x.org, VIRTUAL_PORT: 81}'),
      'b:81',
    ],
    [
      'long form',
      'services: {a: {image: a:1, ports: [{target: 8000, published: "80", protocol: tcp}]}}',
      'a:8000',
    ],
    [
      'with address and protocol',
      'services: {a: {image: a:1, ports: ["127.0.0.1:81:8080/tcp", "53:53/udp"]}}',
      'a:8080',
    ],
    [
      'known application',
      'services: {a: {image: "gitea/gitea:1.27.2", ports: ["222:22", "3000:3000"]}}',
      'a:3000',
    ],
    ['one that is only exposed', 'services: {a: {image: a:1, expose: ["8080"]}}', 'a:8080'],
    ['two that publish: a question', two('ports: ["80:80"]', 'ports: ["81:80"]'), undefined],
  ]
  for (const [what, text, web] of rows) {
    const report = imported(text)
    if (web === undefined) {
      t.same(
        open(report).map(({ id, options }) => [id, options]),
        [['web', ['a:80', 'b:80', 'none']]],
        what,
      )
      const answered = imported(text, { answers: { web: 'b:80' } })
      t.match(minion(answered).web, [{ service: 'b', port: 80 }], what)
    } else {
      t.ok(report.ok, what)
      t.equal(
        minion(report)
          .web?.map(({ service, port }) => `${service}:${port}`)
          .join(),
        web,
        what,
      )
      t.same(compose(report).services[web.split(':')[0] ?? '']?.ports, undefined, what)
    }
  }
  const secure = imported('services: {a: {image: a:1, ports: ["443:443"]}}')
  t.match(minion(secure).web, [{ protocol: 'https' }])
  for (const wrong of ['c:80', 'a', 'a:0', 'a:99999', 'a:x', '', 'b:80;'])
    t.notOk(imported(two('ports: ["80:80"]', 'ports: ["81:80"]'), { answers: { web: wrong } }).ok, wrong)
  t.equal(minion(imported('services: {a: {image: a:1}}', { answers: { web: 'none' } })).web, undefined)
})

t.test('versions', async (t) => {
  const rows: [image: string, tag: string][] = [
    ['postgres', '17.11-trixie'],
    ['postgres:latest', '17.11-trixie'],
    ['docker.io/library/postgres:18', '18.6-trixie'],
    ['mysql:5.7', '8.4.11'],
    ['redis:alpine', '8.10.1-alpine'],
    ['mariadb:10', '10.11.18'],
    ['ghost:6.20.1', '6.20.1'],
    ['localhost:5000/team/app:1.0-rc.1', '1.0-rc.1'],
    ['quay.io/x/y:v2.3.4-alpine', 'v2.3.4-alpine'],
    ['x/y:2024-10-01', '2024-10-01'],
    ['x/y:1.2@sha256:' + '0'.repeat(64), '1.2'],
    ['x/y:${V:-4.5}', '4.5'],
  ]
  for (const [image, tag] of rows) {
    const report = imported(`services: {a: {image: "${image}"}}`)
    const pinned = minion(report).images['a']
    t.equal(pinned?.tag, tag, image)
    t.ok(new RegExp(pinned?.pattern ?? '$^').test(tag), image)
  }
  t.equal(
    minion(imported('services: {a: {image: x/y:1.2.3-alpine}}')).images['a']?.pattern,
    '^1\\.\\d+\\.\\d+-alpine$',
  )
  for (const image of [
    'x/y',
    'x/y:latest',
    'x/y:${V}',
    'x/y@sha256:' + '0'.repeat(64),
    'x/y:<v>',
    'x/y:nightly',
  ]) {
    t.same(
      open(imported(`services: {a: {image: "${image}"}}`)).map(({ id }) => id),
      ['tag:a'],
      image,
    )
  }
  const own = imported('services: {a: {image: postgres}}', { answers: { 'tag:a': '16.15' } })
  t.match(minion(own).images['a'], { tag: '16.15', pattern: '^16\\.\\d+$' })
  t.match(
    compose(imported('services: {a: {image: "postgres:18", volumes: ["x:/var/lib/postgresql/data"]}}'))
      .services['a']?.['volumes'],
    ['${DATABASE_STORAGE_ROOT}/${MINION}/x:/var/lib/postgresql'],
  )
})

t.test('names', async (t) => {
  const text = 'services: {a: {image: a:1}}'
  t.equal(imported(text, { name: 'wiki' }).name, 'wiki')
  for (const name of ['Wiki', '../x', 'x'.repeat(41), 'summoner', 'nginx', 'here', 'a b', '', '-a'])
    t.same(
      open(imported(text, { name, taken: ['here'] })).map(({ id }) => id),
      ['name'],
      name,
    )
  const answered = imported(text, { name: 'here', taken: ['here'], answers: { name: 'there' } })
  t.ok(answered.ok)
  t.equal(answered.name, 'there')
  t.same(imported(text, { name: 'here', taken: ['here', 'here-2'] }).questions[0]?.options, ['here-3'])
})
