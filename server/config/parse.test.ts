import t from 'tap'
import { SummonerError } from '../errors.ts'
import { parseConfig } from './parse.ts'

const place = { path: '/srv/box/config.yml', home: '/home/ada' }
const parse = (text: string) => parseConfig(text, place).config

const seed = `summoner:
  domain: virtualdonkey.fr
  vsroot: ~/Summoner/data
  dbsroot: ~/Summoner/data/database
  applications: nginx ghost nextcloud wekan
`

const long = `summoner:
  domain: example.org
  email: ops@example.org        # ACME contact, first administrator, alerts before any recipe exists
  timezone: Europe/Paris        # of schedules; default: the host's
  tls: auto                     # auto | letsencrypt | internal | none | {acme: URL} | {files: …}
  mail: {host: smtp.example.org, user: kit, password: {secret: smtp}}
  images: auto                  # auto | registry | distro
  subnets: 10.213.0.0/16        # pool the minions' networks are cut from
  applications:
    - ghost
    - {name: cloud, template: nextcloud, version: "34.0.3", subdomain: files, state: running, database: dedicated, env: {}, grants: []}
    - {name: site, template: wordpress, subdomain: "@"}      # the bare domain
    - chat
  stacks: {utility: [cloud, chat]}
  backups: {dump: "0 2 * * *", cold: "0 3 * * 0", prove: "0 5 * * 0", keep: {daily: 7, weekly: 4}, destinations: []}
  sources: []                   # {name, type, minion}
  channels: {}                  # team: {mattermost: {url: {secret: team-hook}}}
  recipes: []
`

t.test('the seed file, word for word', async (t) => {
  const config = parse(seed)
  t.equal(config.domain, 'virtualdonkey.fr')
  t.equal(config.vsroot, '/home/ada/Summoner/data')
  t.equal(config.dbsroot, '/home/ada/Summoner/data/database')
  t.same(
    config.applications.map(({ name, template, subdomain, state, database }) => [
      name,
      template,
      subdomain,
      state,
      database,
    ]),
    ['nginx', 'ghost', 'nextcloud', 'wekan'].map((name) => [name, name, name, 'running', 'dedicated']),
  )
  t.match(config, {
    tls: 'auto',
    images: 'auto',
    subnets: '10.213.0.0/16',
    stacks: {},
    sources: [],
    recipes: [],
  })
  t.same(config.backups, {
    dump: '0 2 * * *',
    cold: '0 3 * * 0',
    prove: '0 5 * * 0',
    check: '0 6 * * 0',
    jitter: 0,
    keep: { daily: 7, weekly: 4 },
    destinations: [],
  })
  t.notOk('email' in config || 'mail' in config || 'timezone' in config, 'what is not said is absent')
})

t.test('the long form, word for word', async (t) => {
  const config = parse(long)
  t.same(
    config.applications.map((application) => application.name),
    ['nginx', 'ghost', 'cloud', 'site', 'chat'],
  )
  t.match(config.applications[2], { template: 'nextcloud', version: '34.0.3', subdomain: 'files' })
  t.match(config.mail, { host: 'smtp.example.org', password: { secret: 'smtp' } })
  t.equal(config.vsroot, '/srv/box/data', 'the default lies beside the file')
  t.equal(config.dbsroot, '/srv/box/data/database')
  t.same(config.stacks, { utility: ['cloud', 'chat'] })
})

t.test('versions and variables are read as they are typed', async (t) => {
  const config = parse(`summoner:
  domain: example.org
  applications:
    - {name: a, version: 8.10, subdomain: 404, env: {A: 007, B: 1e3, C: yes, D: ~, E: , F: "0x1F", G: 1_000, H: 2024-01-01}}
    - name: b
      version: 1.20
      env:
        LINES: |
          one
          two
        QUOTED: 'it''s'
`)
  t.equal(config.applications[1]?.version, '8.10')
  t.equal(config.applications[1]?.subdomain, '404')
  t.same(config.applications[1]?.env, {
    A: '007',
    B: '1e3',
    C: 'yes',
    D: '~',
    E: '',
    F: '0x1F',
    G: '1_000',
    H: '2024-01-01',
  })
  t.equal(config.applications[2]?.version, '1.20')
  t.same(config.applications[2]?.env, { LINES: 'one\ntwo\n', QUOTED: "it's" })
})

const accepted: [what: string, text: string][] = [
  ['a box without applications', 'summoner: {domain: localhost}'],
  [
    'empty sections',
    'summoner:\n  domain: a.example\n  applications:\n  stacks:\n  backups:\n  email:\n  recipes:\n',
  ],
  ['nginx anywhere in the list', 'summoner: {domain: a.example, applications: [ghost, nginx]}'],
  ['names in a quoted string', 'summoner: {domain: a.example, applications: "ghost  wekan"}'],
  ['names over several lines', 'summoner:\n  domain: a.example\n  applications: >-\n    ghost\n    wekan\n'],
  [
    'anchors and aliases',
    'summoner:\n  domain: a.example\n  applications:\n    - &g {name: ghost}\n  channels: {h: {http: {url: {secret: u}}}}\n  recipes: [{name: r, on: {type: x}, do: [{request: {channel: h, body: *g}}]}]\n',
  ],
  ['CRLF', 'summoner:\r\n  domain: a.example\r\n  applications: ghost\r\n'],
  ['a byte order mark', '\ufeffsummoner:\n  domain: a.example\n'],
  ['tls by ACME address', 'summoner: {domain: a.example, tls: {acme: "https://ca.example/dir"}}'],
  [
    'tls by a known server',
    'summoner: {domain: a.example, tls: {acme: zerossl, eab: {kid: k1, key: {secret: eab}}}}',
  ],
  [
    'a wildcard by DNS',
    'summoner: {domain: a.example, tls: {acme: letsencrypt, wildcard: true, dns: {exec: {argv: [/bin/hook]}, wait: 0}}}',
  ],
  [
    'tls by a DNS provider',
    'summoner: {domain: a.example, tls: {acme: letsencrypt, dns: {ovh: {region: eu, key: k, secret: {secret: s}, consumer: {secret: c}}}}}',
  ],
  [
    'tls of one application',
    'summoner: {domain: a.example, applications: [{name: ghost, tls: internal}, {name: wekan, tls: {acme: zerossl}}]}',
  ],
  [
    'tls of one site',
    'summoner: {domain: a.example, sites: [{host: b.example, redirect: a.example, tls: none}]}',
  ],
  ['tls from files', 'summoner: {domain: a.example, tls: {files: {certificate: /c.pem, key: /k.pem}}}'],
  ['a sub-domain of two labels', 'summoner: {domain: a.example, applications: [{name: x, subdomain: a.b}]}'],
  ['the longest name', `summoner: {domain: a.example, applications: [a${'b'.repeat(39)}]}`],
  ['a schedule switched off', 'summoner: {domain: a.example, backups: {cold: "off"}}'],
  ['the document marker', '---\nsummoner: {domain: a.example}\n...\n'],
  ['JSON', '{"summoner": {"domain": "a.example", "applications": ["ghost"]}}'],
]
for (const [what, text] of accepted) t.doesNotThrow(() => parse(text), `accepts ${what}`)

t.test('nginx leads, with its options', async (t) => {
  const { applications } = parse(
    'summoner: {domain: a.example, applications: [ghost, {name: nginx, version: "1.26"}]}',
  )
  t.same(
    applications.map(({ name, version }) => [name, version]),
    [
      ['nginx', '1.26'],
      ['ghost', undefined],
    ],
  )
})

t.test('folders', async (t) => {
  const folders = (lines: string) => {
    const { vsroot, dbsroot } = parse(`summoner:\n  domain: a.example\n${lines}`)
    return [vsroot, dbsroot]
  }
  t.same(folders('  vsroot: ~\n'), ['/home/ada', '/srv/box/data/database'], 'a lone ~, which YAML calls null')
  t.same(folders('  vsroot: "~"\n  dbsroot: ~/db/\n'), ['/home/ada', '/home/ada/db'])
  t.same(folders('  vsroot: ./v/../w\n  dbsroot: /srv/db//x\n'), ['/srv/box/w', '/srv/db/x'])
})

t.test('all findings at once, in the order of the file', async (t) => {
  const error = refusal(
    'summoner:\n  domian: a.example\n  images: distr\n  applications: [ghost, Ghost, 3]\n  backups: 3\n',
  )
  t.same(
    error.errors?.map(({ line, column }) => [line, column]),
    [
      [2, 3],
      [2, 3],
      [3, 11],
      [4, 25],
      [4, 32],
      [5, 12],
    ],
  )
  t.match(error.toProblem(), {
    status: 409,
    code: 'config.invalid',
    path: '/srv/box/config.yml',
    line: 2,
    column: 3,
  })
})

t.test('a refusal never shows a stack or a type name of the library', async (t) => {
  const text = JSON.stringify(refusal('summoner: {domain: [}').toProblem())
  t.notMatch(text, /at .*\.ts|YAMLParseError|node_modules/)
})

function refusal(text: string): SummonerError {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof SummonerError) return error
    throw error
  }
  throw new Error('it was accepted')
}

t.test('a destination that cannot be what is meant is refused, with its place', async (t) => {
  const text = (lines: string) => `summoner:\n  domain: kit.test\n  backups:\n    destinations:\n${lines}`
  const refused = (lines: string, line: number, detail: RegExp) =>
    t.throws(() => parseConfig(text(lines), { path: 'config.yml', home: '/root' }), {
      code: 'config.invalid',
      errors: [{ line, detail }],
    })
  refused('      - {name: away, to: "rest:https://me:word@far.test/"}\n', 5, /away.*carries a password/)
  refused('      - {name: away, to: "sftp:-oProxyCommand=x:/a"}\n', 5, /away.*is written sftp:user@host/)
  refused('      - {name: away, to: /mnt/a}\n      - {name: away, to: /mnt/b}\n', 6, /two destinations/)
  refused('      - {name: away, to: /mnt/a, key: {secret: k}}\n', 5, /belong to sftp/)
  const { config } = parseConfig(
    text(
      '      - {name: away, to: "sftp:box@far.test:/backups", key: {secret: ssh}, upload: 2000, keep: {daily: 3}}\n',
    ),
    { path: 'config.yml', home: '/root' },
  )
  t.match(config.backups.destinations, [{ name: 'away', key: { secret: 'ssh' } }])
})
