import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { readDotenv } from './dotenv.ts'
import { render } from './render.ts'
import type { ComposeFile } from './template.ts'
import { composeText, renderInput, template } from './two-services.fixture.ts'

const compose = () => parse(composeText) as ComposeFile
const golden = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../test/fixtures/render', name), 'utf8')
const plain = (changes = {}) => render(renderInput(template(compose()), changes))

t.test('a two-service template, byte for byte', async (t) => {
  const first = plain()
  t.equal(first.override, golden('two-services.override.yml'))
  t.equal(first.dotenv, golden('two-services.env'))
  const { override: _override, dotenv: _dotenv, ...rest } = first
  t.strictSame(rest, JSON.parse(golden('two-services.json')))
})

t.test('distribution build, byte for byte', async (t) => {
  const input = renderInput(template(compose()))
  const rendered = render({ ...input, instance: { ...input.instance, images: 'distro' } })
  t.equal(rendered.override, golden('two-services-distro.override.yml'))
  t.strictSame(rendered.images[0], {
    service: 'blog',
    reference: 'summoner/my-blog-blog:5.1.0-0123456789ab',
    build: { context: 'distro/blog', version: '5.1.0' },
  })
  t.equal(rendered.images[1]?.reference, 'mariadb:11.8.2')
})

t.test('the same input gives the same bytes', async (t) => {
  t.strictSame(plain(), plain())
})

t.test('the hash moves with what compose consumes, and only with that', async (t) => {
  const base = plain().hash
  const same = [
    plain({ box: { id: 'other-box' } }),
    plain({ box: { dataDir: '/elsewhere', httpPort: 81 } }),
    render(renderInput(template(compose(), { notes: { en: 'new', fr: 'neuf' }, revision: 2 }))),
    render(renderInput({ ...template(compose()), hash: 'b'.repeat(64) })),
  ]
  for (const [index, { hash }] of same.entries()) t.equal(hash, base, `same ${index}`)
  const other = [
    plain({ application: { subdomain: 'other' } }),
    plain({ application: { env: { TITLE: 'x' } } }),
    plain({ kept: { DB_PASSWORD: 'kept' } }),
    plain({ box: { vsroot: '/mnt' } }),
    render(renderInput({ ...template(compose()), consumed: 'b'.repeat(64) })),
    render(renderInput(template(compose(), { resources: { memory: 100, disk: 1 } }))),
  ]
  t.equal(new Set([base, ...other.map(({ hash }) => hash)]).size, other.length + 1)
})

t.test('kept secrets win over fresh ones, config.yml over both, defaults follow the template', async (t) => {
  t.equal(plain({ kept: { DB_PASSWORD: 'old' } }).env['DB_PASSWORD'], 'old')
  t.equal(
    plain({ kept: { ADMIN_PASSWORD: 'old' }, application: { env: { ADMIN_PASSWORD: 'new' } } }).env[
      'ADMIN_PASSWORD'
    ],
    'new',
  )
  t.equal(plain({ kept: { TITLE: 'old default' } }).env['TITLE'], 'Blog of example.org')
  t.strictSame(plain().secrets, ['DB_PASSWORD', 'ADMIN_PASSWORD'])
  t.throws(() => plain({ kept: { DB_PASSWORD: 'old' }, application: { env: { DB_PASSWORD: 'new' } } }), {
    code: 'render.failed',
    message: /cannot change/,
  })
  t.equal(
    plain({ kept: { DB_PASSWORD: 'x' }, application: { env: { DB_PASSWORD: 'x' } } }).env['DB_PASSWORD'],
    'x',
  )
})

t.test('address of the minion', async (t) => {
  t.equal(plain().url, 'https://news.example.org')
  t.equal(plain({ box: { httpsPort: 8443 } }).url, 'https://news.example.org:8443')
  t.equal(plain({ box: { scheme: 'http', httpsPort: 8443 } }).url, 'http://news.example.org')
  t.equal(plain({ application: { subdomain: '@' } }).host, 'example.org')
  t.equal(plain().web[0]?.upstream, '10.213.0.18:2368')
})

t.test('versions: the tag must match, and a distribution build gives one only', async (t) => {
  t.equal(plain({ application: { version: '5.2.0' } }).images[0]?.reference, 'blog:5.2.0')
  t.throws(() => plain({ application: { version: '6.0.0' } }), { code: 'render.failed' })
  t.throws(() => plain({ application: { env: { MARIADB_VERSION: 'latest' } } }), { code: 'render.failed' })
  const input = renderInput(template(compose()), { application: { version: '5.2.0' } })
  t.throws(() => render({ ...input, instance: { ...input.instance, images: 'distro' } }), {
    message: /gives version 5\.1\.0/,
  })
})

t.test('hostile values reach neither another line, nor another variable, nor the override', async (t) => {
  const hostile = [
    "x'\nEVIL='1",
    'a\nEVIL=1',
    '${DB_PASSWORD}',
    '$(id)',
    '`id`',
    'é\u2028EVIL=1',
    '"',
    '\\',
    "\\'",
    '#',
    ' lead',
    '--flag',
    '}}${{',
  ]
  for (const [index, value] of hostile.entries()) {
    const text = template(compose())
    const inputs = (text.description.inputs ?? []).map((it) =>
      it.id === 'TITLE' ? { ...it, type: 'text' } : it,
    )
    const rendered = render(
      renderInput(
        { ...text, description: { ...text.description, inputs } as typeof text.description },
        { application: { env: { TITLE: value } } },
      ),
    )
    const read = readDotenv(rendered.dotenv)
    t.equal(read['TITLE'], value, `hostile ${index}`)
    t.strictSame(Object.keys(read), Object.keys(rendered.env), `hostile ${index}: no key more`)
    t.equal(
      rendered.override.replaceAll(/config-hash: .*/g, ''),
      plain().override.replaceAll(/config-hash: .*/g, ''),
    )
  }
})

t.test('bad input is refused in words', async (t) => {
  const table: [changes: object, code: string, message: RegExp][] = [
    [{ application: { env: { TITEL: 'x' } } }, 'render.failed', /did you mean "TITLE"/],
    [{ application: { env: { DOMAIN: 'x' } } }, 'render.failed', /no setting "DOMAIN"/],
    [{ application: { env: { COMPOSE_FILE: 'x' } } }, 'render.failed', /no setting/],
    [{ application: { env: { __proto__x: 'x' } } }, 'render.failed', /no setting/],
    [{ application: { env: { TITLE: 'a\nb' } } }, 'render.failed', /control character/],
    [{ application: { env: { TITLE: 'a\0b' } } }, 'render.failed', /control character/],
    [{ application: { subdomain: 'a b' } }, 'host.invalid', /a b/],
    [{ application: { subdomain: 'a;}' } }, 'host.invalid', /lower-case/],
    [{ application: { subdomain: 'a'.repeat(64) } }, 'host.invalid', /64 characters/],
    [{ box: { domain: 'x\nserver_name y' } }, 'host.invalid', /./],
    [
      { application: { name: 'a'.repeat(40) }, box: { domain: `${'b'.repeat(40)}.org` } },
      'render.failed',
      /first part has/,
    ],
    [
      { instance: { ...renderInput(template(compose())).instance, subnets: {} } },
      'render.failed',
      /no subnet/,
    ],
  ]
  for (const [changes, code, message] of table)
    t.throws(() => plain(changes), { code, message }, JSON.stringify(changes))
})

t.test('powers need a grant, with the place of the key', async (t) => {
  const text = composeText.replace('  db:\n', '  db:\n    privileged: true\n')
  const powerful = { ...template(parse(text) as ComposeFile), composeText: text }
  const line = text.split('\n').findIndex((it) => it.includes('privileged')) + 1
  t.throws(() => render(renderInput(powerful)), { code: 'template.refused', at: { line, column: 5 } })
  t.ok(render(renderInput(powerful, { application: { grants: ['privileged'] } })))
  const asked = {
    ...powerful,
    description: { ...powerful.description, grants: [{ what: 'privileged', why: { en: 'x', fr: 'x' } }] },
  }
  t.throws(() => render(renderInput(asked)), { code: 'template.refused' }, 'asking is not being allowed')
  const shipped = renderInput({ ...asked, name: 'nginx' })
  t.throws(() => render(shipped), { code: 'template.refused' }, 'the whole server is asked for every time')
  const lesser = composeText.replace('  db:\n', '  db:\n    cap_add: [SYS_TIME]\n')
  const reviewed = {
    ...asked,
    compose: parse(lesser) as ComposeFile,
    composeText: lesser,
    description: { ...asked.description, grants: [{ what: 'cap:SYS_TIME', why: { en: 'x', fr: 'x' } }] },
  }
  t.throws(() => render(renderInput(reviewed)), { code: 'template.refused' })
  t.ok(render(renderInput({ ...reviewed, name: 'nginx' })), 'a shipped template was reviewed')
})

t.test('names', async (t) => {
  const twice = compose()
  twice.services['other'] = { image: 'other:1' }
  const names = render(renderInput(template(twice))).services.map(({ containerName }) => containerName)
  t.strictSame(names, [
    'blog-example.org',
    'mariadb-blog-example.org',
    'migrate-blog-example.org',
    'other-blog-example.org',
  ])
  const clash = compose()
  clash.services['mariadb'] = { image: 'other:1' }
  t.throws(() => render(renderInput(template(clash))), { code: 'render.duplicate' })
  const many = compose()
  many.services['worker'] = { image: 'w:1', deploy: { replicas: 2 } }
  const rendered = render(renderInput(template(many)))
  t.equal(rendered.services.at(-1)?.containerName, 'blog-worker-1')
  t.notOk(
    (parse(rendered.override, { logLevel: 'silent' }) as ComposeFile).services['worker']?.['container_name'],
  )
  const replicated = compose()
  replicated.services['blog'] = { ...replicated.services['blog'], deploy: { replicas: 2 } }
  t.throws(() => render(renderInput(template(replicated))), {
    code: 'render.failed',
    message: /several replicas/,
  })
})

t.test('host networking: no networks, no hosts, reached on this machine', async (t) => {
  const host: ComposeFile = { services: { blog: { image: 'blog:${BLOG_VERSION}', network_mode: 'host' } } }
  const rendered = render(
    renderInput(template(host, { data: [], dumps: [] }), { application: { grants: ['network:host'] } }),
  )
  t.equal(rendered.web[0]?.upstream, '127.0.0.1:2368')
  t.notMatch(rendered.override, /networks|extra_hosts/)
})

t.test('only ports of this machine stay, after variables are filled in', async (t) => {
  const ports = [
    '80:80',
    '127.0.0.1:1:1',
    '${TITLE}:5:5',
    '0.0.0.0:2:2',
    '[::]:3:3',
    { target: 4, published: 4 },
    { target: 6, published: '6', host_ip: '127.0.0.1' },
    '127.0.0.1.evil:7:7',
  ]
  const open = compose()
  open.services['blog'] = { ...open.services['blog'], ports }
  const { override } = render(renderInput(template(open), { application: { env: { TITLE: '0.0.0.0' } } }))
  const read = parse(override, { logLevel: 'silent' }) as ComposeFile
  t.strictSame(read.services['blog']?.ports, ['127.0.0.1:1:1', '127.0.0.1:6:6'])
  t.match(override, /ports: !override/)
})

t.test('data outside the minion is refused', async (t) => {
  for (const path of [
    '/etc',
    '${VOLUME_STORAGE_ROOT}',
    '${VOLUME_STORAGE_ROOT}/other',
    '${VOLUME_STORAGE_ROOT}/${MINION}/../x',
    'relative',
  ]) {
    const outside = template(compose(), { data: [{ service: 'blog', path, kind: 'files' }] })
    t.throws(() => render(renderInput(outside)), { code: 'template.refused' }, path)
  }
})

t.test('cores are bounded by the machine', async (t) => {
  t.match(plain({ box: { cpus: 0.5 } }).override, /cpus: 0\.5/)
})

t.test('a health check that is switched off is none', async (t) => {
  for (const healthcheck of [{ disable: true }, { test: ['NONE'] }, { test: 'NONE' }]) {
    const off = compose()
    off.services['blog'] = { ...off.services['blog'], healthcheck }
    t.equal(render(renderInput(template(off))).services[0]?.hasHealthcheck, false)
  }
})
