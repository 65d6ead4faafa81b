import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SummonerError } from '../errors.ts'
import { createCatalog } from './catalog.ts'

const minionYml = `name: blog
summary: {en: A blog, fr: Un blog}
category: web
revision: 1
images:
  blog: {repository: blog, tag: 5.1.0, pattern: '^5\\.', variable: BLOG_VERSION}
inputs:
  - {id: TITLE, type: string, label: {en: Title, fr: Titre}, default: News}
web:
  - {service: blog, port: 80}
resources: {memory: 128, disk: 100}
`
const composeYml = `services:
  blog:
    image: blog:\${BLOG_VERSION}
    environment:
      TITLE: \${TITLE}
`
const hashContext = () => '0123456789ab'

t.test('a sound template', async (t) => {
  const minionsDir = t.testdir({
    blog: { 'minion.yml': minionYml, 'compose.yml': composeYml },
    '.distro': {},
    'README.md': '',
  })
  const catalog = createCatalog({ minionsDir, hashContext })
  t.strictSame(catalog.broken(), [])
  t.strictSame(
    catalog.list().map(({ name }) => name),
    ['blog'],
  )
  t.match(catalog.get('blog'), {
    description: { revision: 1 },
    hash: /^[0-9a-f]{64}$/,
    consumed: /^[0-9a-f]{64}$/,
  })
  t.throws(() => catalog.get('blgo'), { code: 'template.unknown', message: /did you mean "blog"/ })
  t.throws(() => catalog.get('../blog'), { code: 'template.unknown' })
})

t.test('no folder, no templates', async (t) => {
  t.strictSame(createCatalog({ minionsDir: join(t.testdir(), 'none'), hashContext }).list(), [])
})

const wrong: [
  what: string,
  change: [file: 'minion' | 'compose', from: string | RegExp, to: string],
  detail: RegExp,
  line: number,
][] = [
  [
    'unknown key',
    ['minion', 'category: web', 'category: web\ncategry: x'],
    /unknown key "categry"; did you mean "category"\?$/,
    4,
  ],
  ['missing key', ['minion', 'revision: 1\n', ''], /"revision" is missing/, 1],
  ['wrong type', ['minion', 'revision: 1', 'revision: one'], /revision: must be integer/, 4],
  [
    'inner unknown key',
    ['minion', 'port: 80', 'port: 80, webscoket: true'],
    /web\.0: unknown key "webscoket"; did you mean "websocket"/,
    10,
  ],
  [
    'enum',
    ['minion', 'type: string', 'type: sting'],
    /inputs\.0\.type: must be one of string, .*did you mean "string"/,
    8,
  ],
  ['name', ['minion', 'name: blog', 'name: other'], /folder is called "blog"/, 1],
  ['broken yaml', ['minion', 'category: web', 'category: [web'], /./, 4],
  ['two documents', ['compose', 'services:', '---\nservices: {}\n---\nservices:'], /./, 2],
  ['duplicate key', ['compose', '    environment:', '    image: x:1\n    environment:'], /unique/i, 4],
  [
    'unknown service',
    ['minion', 'service: blog, port', 'service: blgo, port'],
    /web\.0\.service: compose\.yml has no service "blgo"; did you mean "blog"/,
    10,
  ],
  [
    'image without service',
    ['minion', 'images:', 'images:\n  db: {repository: a, tag: "1", pattern: "1", variable: DB_VERSION}'],
    /images\.db: compose\.yml has no service "db"/,
    6,
  ],
  [
    'service without image',
    ['compose', 'services:', 'services:\n  db: {image: "a:1"}'],
    /minion\.yml says nothing about its image/,
    2,
  ],
  [
    'image of what is built',
    ['compose', 'image: blog:${BLOG_VERSION}', 'build: ./source'],
    /images\.blog: compose\.yml builds "blog" from its own sources/,
    6,
  ],
  ['unpinned', ['minion', 'tag: 5.1.0', 'tag: latest'], /does not match/, 6],
  ['image literal', ['compose', '${BLOG_VERSION}', 'latest'], /must be blog:\$\{BLOG_VERSION\}/, 3],
  ['bad pattern', ['minion', "'^5\\.'", "'(['"], /not a regular expression/, 6],
  [
    'unknown variable',
    ['compose', '${TITLE}', '${TITEL}'],
    /services\.blog\.environment\.TITLE: nothing gives "TITEL" a value; did you mean "TITLE"/,
    5,
  ],
  ['reserved input', ['minion', 'id: TITLE', 'id: DOMAIN'], /"DOMAIN" is given by the box/, 8],
  ['steering input', ['minion', 'id: TITLE', 'id: COMPOSE_FILE'], /steer compose/, 8],
  [
    'changed in vain',
    [
      'minion',
      'default: News}\nweb:',
      `default: News}
  - {id: ONCE, type: string, label: {en: Once, fr: Une fois}}
admin: {user: a, password_env: TITLE, path: /, create: {service: blog, argv: [a], env: {A: "\${ONCE}"}}}
web:`,
    ],
    /inputs\.1: only admin\.create uses "ONCE", once; it needs "immutable: true"/,
    9,
  ],
  ['default', ['minion', 'type: string', 'type: integer'], /"News" must be a whole number/, 8],
  [
    'our labels',
    ['compose', '    environment:', '    labels: {io.summoner.box: x}\n    environment:'],
    /Summoner's own/,
    4,
  ],
  [
    'our labels as list',
    ['compose', '    environment:', '    labels: ["io.summoner.minion=x"]\n    environment:'],
    /Summoner's own/,
    4,
  ],
  [
    'secret without input',
    ['minion', 'resources:', 'admin: {user: a, password_env: TITEL, path: /}\nresources:'],
    /no input is called "TITEL"; did you mean "TITLE"/,
    11,
  ],
  ['no services', ['compose', /[^]*/, 'version: "3"\n'], /has no services/, 1],
  ['service is text', ['compose', /[^]*/, 'services:\n  blog: text\n'], /is not a service/, 2],
  [
    'build context outside',
    [
      'minion',
      'variable: BLOG_VERSION',
      'variable: BLOG_VERSION, distro: {context: ../../etc, version: "1"}',
    ],
    /not a folder among the templates/,
    6,
  ],
]

t.test('what is wrong, where, and what was meant; the others stay', async (t) => {
  for (const [what, [file, from, to], detail, line] of wrong) {
    const files = { 'minion.yml': minionYml, 'compose.yml': composeYml }
    files[`${file}.yml`] = files[`${file}.yml`].replace(from, () => to)
    const minionsDir = t.testdir({
      blog: files,
      good: { 'minion.yml': minionYml.replace('name: blog', 'name: good'), 'compose.yml': composeYml },
    })
    const catalog = createCatalog({ minionsDir, hashContext })
    t.strictSame(
      catalog.list().map(({ name }) => name),
      ['good'],
      what,
    )
    const finding = catalog.findings('blog').find((it) => detail.test(it.detail))
    t.ok(finding, `${what}: ${JSON.stringify(catalog.findings('blog'))}`)
    t.equal(finding?.line, line, `${what}: line`)
    t.equal(catalog.broken()[0]?.name, 'blog')
    t.throws(() => catalog.get('blog'), { code: 'template.invalid' })
  }
})

t.test('bombs and odd files are findings, not crashes', async (t) => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
    .split('')
    .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)
    .join('\n')}\n`
  const texts = [
    bomb,
    '['.repeat(10_000),
    '- a\n- b',
    'null',
    '',
    '__proto__: {a: 1}\n',
    'a: !!js/function x\n',
    '\0',
    'x: '.repeat(5000),
    '{}',
  ]
  for (const [index, text] of texts.entries()) {
    for (const file of ['minion.yml', 'compose.yml']) {
      const minionsDir = t.testdir({
        blog: { 'minion.yml': minionYml, 'compose.yml': composeYml, [file]: text },
      })
      const catalog = createCatalog({ minionsDir, hashContext })
      t.equal(catalog.broken().length, 1, `${file} ${index}`)
      t.throws(() => catalog.get('blog'), SummonerError)
    }
  }
})

t.test('links that leave the folder, and to folders, are refused; links inside are read', async (t) => {
  const files = { 'minion.yml': minionYml, 'compose.yml': composeYml }
  const minionsDir = t.testdir({
    blog: { ...files, secret: t.fixture('symlink', '/etc/passwd') },
    loop: { ...files, self: t.fixture('symlink', '.') },
    dead: { ...files, gone: t.fixture('symlink', 'nowhere') },
    fine: {
      'minion.yml': minionYml.replace('name: blog', 'name: fine'),
      'compose.yml': composeYml,
      same: t.fixture('symlink', 'compose.yml'),
    },
  })
  const catalog = createCatalog({ minionsDir, hashContext })
  t.strictSame(
    catalog.broken().map(({ name }) => name),
    ['blog', 'dead', 'loop'],
  )
  t.match(catalog.broken()[0]?.problem, /leaves the folder/)
})

t.test('hashes: `hash` moves with every file, `consumed` with what compose reads', async (t) => {
  const compose = `${composeYml}    volumes: ["./setup:/s:ro"]\n`
  const of = (files: Record<string, unknown>) => {
    const minionsDir = t.testdir({
      blog: {
        'minion.yml': minionYml,
        'compose.yml': compose,
        setup: { 'run.sh': 'a' },
        ...(files as object),
      },
    })
    const { hash, consumed } = createCatalog({ minionsDir, hashContext }).get('blog')
    return { hash, consumed }
  }
  const base = of({})
  const readme = of({ 'README.md': 'x' })
  t.not(readme.hash, base.hash)
  t.equal(readme.consumed, base.consumed)
  t.equal(of({ 'compose.yml': `# comment\n${compose}` }).consumed, base.consumed)
  t.not(of({ setup: { 'run.sh': 'b' } }).consumed, base.consumed)
  t.not(of({ 'compose.yml': compose.replace('TITLE:', 'TITRE:') }).consumed, base.consumed)
})

t.test('reading again sees what changed, also in shared contexts, and nothing else is read', async (t) => {
  const distro = minionYml.replace(
    'variable: BLOG_VERSION',
    "variable: BLOG_VERSION, distro: {context: ../.distro/blog, version: '5'}",
  )
  const minionsDir = t.testdir({
    blog: { 'minion.yml': distro, 'compose.yml': composeYml },
    '.distro': { blog: { Dockerfile: 'FROM a' } },
  })
  let reads = 0
  const catalog = createCatalog({ minionsDir, hashContext: () => String(++reads) })
  catalog.reload()
  t.equal(reads, 1)
  writeFileSync(join(minionsDir, '.distro/blog/Dockerfile'), 'FROM bb')
  catalog.reload()
  t.equal(reads, 2)
  t.strictSame(catalog.get('blog').builds, { blog: '2' })
  rmSync(join(minionsDir, 'blog/compose.yml'))
  catalog.reload()
  t.equal(catalog.broken().length, 1)
})
