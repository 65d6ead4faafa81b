/** Each edit on each style of file: the exact text that must come out. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createConfigFile } from './config-file.ts'
import {
  addApplication,
  removeApplication,
  setApplicationFields,
  setApplicationState,
  setDomain,
  type ConfigEdit,
} from './edits.ts'

const folder = mkdtempSync(join(tmpdir(), 'summoner-edits-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'config.yml')
const file = createConfigFile({
  path,
  home: '/home/ada',
  previousDir: join(folder, 'p'),
  clock: () => new Date(0),
})

async function edited(text: string, ...changes: ConfigEdit[]): Promise<string> {
  writeFileSync(path, text)
  const version = await file.edit(...changes)
  t.equal(readFileSync(path, 'utf8'), version.text)
  return version.text
}

const seed = `summoner:
  domain: virtualdonkey.fr
  vsroot: ~/Summoner/data
  dbsroot: ~/Summoner/data/database
  applications: nginx ghost nextcloud wekan
`
const inSeed = (line: string) => seed.replace('  applications: nginx ghost nextcloud wekan\n', line)

t.test('the seed string stays a string', async (t) => {
  t.equal(
    await edited(seed, addApplication({ name: 'site' })),
    inSeed('  applications: nginx ghost nextcloud wekan site\n'),
  )
  t.equal(await edited(seed, removeApplication('ghost')), inSeed('  applications: nginx nextcloud wekan\n'))
  t.equal(await edited(seed, removeApplication('wekan')), inSeed('  applications: nginx ghost nextcloud\n'))
  t.equal(
    await edited(
      seed,
      addApplication({
        name: 'site',
        template: 'site',
        subdomain: 'site',
        state: 'running',
        env: {},
        grants: [],
      }),
    ),
    inSeed('  applications: nginx ghost nextcloud wekan site\n'),
    'defaults that are spelt out are not options',
  )
  t.equal(await edited(seed, setApplicationState('ghost', 'running')), seed, 'nothing to change')
})

t.test('the seed string becomes a list when an entry gains options', async (t) => {
  t.equal(
    await edited(seed, setApplicationState('ghost', 'stopped')),
    inSeed(
      '  applications:\n    - nginx\n    - {name: ghost, state: stopped}\n    - nextcloud\n    - wekan\n',
    ),
  )
  t.equal(
    await edited(seed, addApplication({ name: 'blog', template: 'ghost', version: '8.10' })),
    inSeed(
      '  applications:\n    - nginx\n    - ghost\n    - nextcloud\n    - wekan\n    - {name: blog, template: ghost, version: "8.10"}\n',
    ),
  )
})

const styled: [what: string, before: string, changes: ConfigEdit[], after: string][] = [
  [
    'a comment behind the string',
    'summoner:\n  domain: a.example\n  applications: ghost # mine\n',
    [addApplication({ name: 'x', version: '1' })],
    'summoner:\n  domain: a.example\n  applications: # mine\n    - ghost\n    - {name: x, version: "1"}\n',
  ],
  [
    'a quoted string',
    "summoner: {domain: a.example, applications: 'ghost  wekan'}\n",
    [addApplication({ name: 'x' }), removeApplication('ghost')],
    "summoner: {domain: a.example, applications: 'wekan x'}\n",
  ],
  [
    'a string with escapes',
    'summoner: {domain: a.example, applications: "ghost\\x20wekan"}\n',
    [removeApplication('ghost')],
    'summoner: {domain: a.example, applications: "wekan"}\n',
  ],
  [
    'a folded string',
    'summoner:\n  domain: a.example\n  applications: >-  # folded\n    ghost\n    wekan\n  email: a@b.example\n',
    [addApplication({ name: 'x' }), setApplicationState('ghost', 'stopped')],
    'summoner:\n  domain: a.example\n  applications:  # folded\n    - {name: ghost, state: stopped}\n    - wekan\n    - x\n  email: a@b.example\n',
  ],
  [
    'a string on a line of its own',
    'summoner:\n  domain: a.example\n  applications:  # these\n      ghost wekan # two\n',
    [setApplicationState('wekan', 'stopped')],
    'summoner:\n  domain: a.example\n  applications:  # these\n      - ghost\n      - {name: wekan, state: stopped} # two\n',
  ],
  [
    'the last name of a string',
    'summoner:\n  domain: a.example\n  applications: ghost  # none soon\n  email: a@b.example\n',
    [removeApplication('ghost')],
    'summoner:\n  domain: a.example\n  applications:  # none soon\n  email: a@b.example\n',
  ],
  [
    'no applications at all',
    'summoner:\n  domain: a.example # mine\n  email: a@b.example',
    [addApplication({ name: 'ghost' })],
    'summoner:\n  domain: a.example # mine\n  applications: ghost\n  email: a@b.example',
  ],
  [
    'no applications, an entry with options',
    'summoner: {domain: a.example}',
    [addApplication({ name: 'blog', template: 'ghost' })],
    'summoner: {domain: a.example, applications: [{name: blog, template: ghost}]}',
  ],
  [
    'an empty key',
    'summoner:\n  domain: a.example\n  applications: # to come\n  # - ghost\n',
    [addApplication({ name: 'blog', template: 'ghost' }), addApplication({ name: 'x' })],
    'summoner:\n  domain: a.example\n  applications: # to come\n    - {name: blog, template: ghost}\n    - x\n  # - ghost\n',
  ],
  [
    'a list of four spaces with comments and a block scalar last',
    'summoner:\n    domain: a.example\n    applications: # apps\n        # first\n        - ghost # one\n        - name: site\n          env:\n            TEXT: |\n              a\n              b\n\n        # tail\n    # end\n',
    [addApplication({ name: 'x' }), removeApplication('ghost')],
    'summoner:\n    domain: a.example\n    applications: # apps\n        # first\n        - name: site\n          env:\n            TEXT: |\n              a\n              b\n        - x\n\n        # tail\n    # end\n',
  ],
  [
    'a list at the column of its key',
    'summoner:\n  domain: a.example\n  applications:\n  - ghost\n  - wekan\n  stacks:\n    all:\n    - ghost\n    - wekan\n',
    [removeApplication('wekan'), addApplication({ name: 'x' })],
    'summoner:\n  domain: a.example\n  applications:\n  - ghost\n  - x\n  stacks:\n    all:\n    - ghost\n',
  ],
  [
    'a file without a final line break',
    'summoner:\n  domain: a.example\n  applications:\n  - ghost\n  - wekan',
    [removeApplication('wekan')],
    'summoner:\n  domain: a.example\n  applications:\n  - ghost',
  ],
  [
    'CRLF',
    'summoner:\r\n  domain: a.example # d\r\n  applications:\r\n    - ghost # g\r\n    - name: b\r\n      template: ghost\r\n  # end\r\n',
    [
      addApplication({ name: 'x' }),
      setApplicationState('b', 'stopped'),
      setDomain('b.example'),
      removeApplication('ghost'),
    ],
    'summoner:\r\n  domain: b.example # d\r\n  applications:\r\n    - name: b\r\n      template: ghost\r\n      state: stopped\r\n    - x\r\n  # end\r\n',
  ],
  [
    'one line of braces',
    '{summoner: {domain: a.example, applications: [ghost, {name: b, template: c},]}}',
    [addApplication({ name: 'x' }), removeApplication('ghost'), setApplicationState('b', 'stopped')],
    '{summoner: {domain: a.example, applications: [{name: b, template: c, state: stopped}, x,]}}',
  ],
  [
    'brackets over several lines',
    'summoner:\n  domain: a.example\n  applications: [\n    ghost, # one\n    # between\n    wekan  # two\n  ]\n',
    [addApplication({ name: 'x' }), addApplication({ name: 'z' }), removeApplication('ghost')],
    'summoner:\n  domain: a.example\n  applications: [\n    # between\n    wekan,  # two\n    x,\n    z\n  ]\n',
  ],
  [
    'stacks lose a member',
    'summoner: {domain: a.example, applications: [ghost, wekan], stacks: {a: [ghost], b: [wekan, ghost]}} # end',
    [removeApplication('ghost')],
    'summoner: {domain: a.example, applications: [wekan], stacks: {a: [], b: [wekan]}} # end',
  ],
  [
    'fields of a block entry, one variable at a time',
    'summoner:\n  domain: a.example\n  applications:\n    - name: site   # s\n      version: 6.0 # v\n      env: # e\n        A: 007 # a\n        B: |\n          text\n        C: x\n      grants:\n      - one\n      # end of site\n    - ghost\n',
    [
      setApplicationFields('site', {
        version: '6.10',
        env: { A: '8', C: 'x', D: 'a b' },
        grants: ['two'],
        subdomain: '@',
      }),
    ],
    'summoner:\n  domain: a.example\n  applications:\n    - name: site   # s\n      version: "6.10" # v\n      env: # e\n        A: "8" # a\n        C: x\n        D: a b\n      grants:\n       [two]\n      subdomain: "@"\n      # end of site\n    - ghost\n'.replace(
      'D: a b',
      'D: "a b"',
    ),
  ],
  [
    'fields back to their defaults',
    'summoner: {domain: a.example, applications: [{name: b, version: "1", state: stopped, env: {A: x}}]}\n',
    [setApplicationFields('b', { version: undefined, env: undefined, state: undefined })],
    'summoner: {domain: a.example, applications: [{name: b}]}\n',
  ],
  [
    'a state that comes first behind the dash',
    'summoner:\n  domain: a.example\n  applications:\n    - state: stopped\n      name: b\n',
    [setApplicationFields('b', { state: undefined })],
    'summoner:\n  domain: a.example\n  applications:\n    - name: b\n',
  ],
  [
    'an entry without a value',
    'summoner:\n  domain: a.example\n  applications:\n    - name: b\n      state: # later\n',
    [setApplicationState('b', 'stopped')],
    'summoner:\n  domain: a.example\n  applications:\n    - name: b\n      state: stopped # later\n',
  ],
  [
    'the implicit proxy gains options',
    'summoner:\n  domain: a.example\n  applications: ghost\n',
    [setApplicationFields('nginx', { version: '1.26' })],
    'summoner:\n  domain: a.example\n  applications:\n    - ghost\n    - {name: nginx, version: "1.26"}\n',
  ],
  [
    'an alias as an entry',
    'summoner:\n  domain: a.example\n  channels: {h: {http: {url: {secret: u}}}}\n  recipes: [{name: r, on: {type: x}, do: [{request: {channel: h, body: &b {name: b, version: "1"}}}]}]\n  applications:\n    - *b\n    - ghost\n',
    [setApplicationState('b', 'stopped')],
    'summoner:\n  domain: a.example\n  channels: {h: {http: {url: {secret: u}}}}\n  recipes: [{name: r, on: {type: x}, do: [{request: {channel: h, body: &b {name: b, version: "1"}}}]}]\n  applications:\n    - {name: b, version: "1", state: stopped}\n    - ghost\n',
  ],
  [
    'a quoted domain with a comment',
    '# top\nsummoner:\n  "domain" : "a.example"   # was b\n  applications: ghost\n',
    [setDomain('kit.test')],
    '# top\nsummoner:\n  "domain" : kit.test   # was b\n  applications: ghost\n',
  ],
]
for (const [what, before, changes, after] of styled) {
  t.test(what, async (t) => {
    t.equal(await edited(before, ...changes), after)
  })
}

const refused: [what: string, text: string, change: ConfigEdit, expected: Record<string, unknown>][] = [
  ['a name that exists', seed, addApplication({ name: 'ghost' }), { code: 'minion.exists' }],
  ['a reserved name', seed, addApplication({ name: 'hooks' }), { code: 'minion.reserved' }],
  ['a name that is none', seed, addApplication({ name: 'Ghost X' }), { code: 'input.invalid', status: 422 }],
  ['a host that is taken', seed, addApplication({ name: 'x', subdomain: 'ghost' }), { code: 'host.taken' }],
  [
    'a host of the box',
    seed,
    addApplication({ name: 'x', subdomain: 'summoner' }),
    { code: 'input.invalid' },
  ],
  ['a variable with a NUL', seed, addApplication({ name: 'x', env: { A: '\0' } }), { code: 'input.invalid' }],
  ["a variable's name", seed, addApplication({ name: 'x', env: { 'A\nB': 'c' } }), { code: 'input.invalid' }],
  [
    'a version with a line break',
    seed,
    setApplicationFields('ghost', { version: '1\nx' }),
    { code: 'input.invalid' },
  ],
  ['removing the proxy', seed, removeApplication('nginx'), { code: 'minion.required' }],
  [
    'removing a stranger',
    seed,
    removeApplication('gost'),
    { code: 'minion.unknown', message: /did you mean "ghost"\?/ },
  ],
  ['stopping a stranger', seed, setApplicationState('nobody', 'stopped'), { code: 'minion.unknown' }],
  ['a domain that is none', seed, setDomain('a b'), { code: 'input.invalid', message: /domain/ }],
  [
    'an anchor that others use',
    'summoner:\n  domain: a.example\n  applications:\n    - &g {name: ghost, version: "1"}\n  channels: {h: {http: {url: {secret: u}}}}\n  recipes: [{name: r, on: {type: x}, do: [{request: {channel: h, body: *g}}]}]\n',
    setApplicationState('ghost', 'stopped'),
    { code: 'config.invalid', hint: /by hand/ },
  ],
  [
    'a list that is an alias',
    'summoner:\n  domain: a.example\n  channels: {h: {http: {url: {secret: u}}}}\n  recipes: [{name: r, on: {type: x}, do: [{request: {channel: h, body: &l [ghost]}}]}]\n  applications: *l\n',
    addApplication({ name: 'x' }),
    { code: 'config.invalid', at: { line: 5, column: 17 } },
  ],
]
for (const [what, text, change, expected] of refused) {
  t.test(`refuses ${what}`, async (t) => {
    writeFileSync(path, text)
    const error: unknown = await file.edit(change).catch((thrown: unknown) => thrown)
    t.match(error, expected)
    t.equal(readFileSync(path, 'utf8'), text, 'no byte changed')
  })
}

t.test('names that YAML would read as something else', async (t) => {
  const box = (applications: string) => `summoner:\n  domain: a.example\n${applications}`
  t.equal(
    await edited(box(''), addApplication({ name: 'true' })),
    box('').replace(/\n$/, '') + '\n  applications: "true"\n',
  )
  t.equal(
    await edited(box('  applications: ghost\n'), addApplication({ name: 'no' })),
    box('  applications: ghost no\n'),
  )
  t.equal(
    await edited(box('  applications: ghost null\n'), removeApplication('ghost')),
    box('  applications: "null"\n'),
  )
  t.equal(
    await edited(box('  applications: ghost null\n'), setApplicationState('ghost', 'stopped')),
    box('  applications:\n    - {name: ghost, state: stopped}\n    - "null"\n'),
  )
  t.equal(
    await edited(box('  applications: [ghost]\n'), addApplication({ name: 'true' })),
    box('  applications: [ghost, "true"]\n'),
  )
})

t.test('values of every kind come back as they went in', async (t) => {
  const env = {
    EMPTY: '',
    TILDE: '~',
    NO: 'no',
    NUMBER: '007',
    DATE: '2024-01-01',
    QUOTES: `it's "so"`,
    LINES: 'a\n  b\n',
    COMMENT: 'a # b',
    COLON: 'a: b',
    BRACES: '{a: [b]}',
    STAR: '*x',
    DOLLAR: '${HOME} $$',
    BACKSLASH: 'C:\\n',
    UNICODE: 'é ☃ 😀 \u2028 \u0085 \ufeff',
    SPACES: '  a  ',
    TAB: '\t',
    DASHES: '---',
    LONG: 'word '.repeat(2_000),
  }
  for (const text of [seed, 'summoner:\n  domain: a.example\n  applications:\n    - {name: ghost}\n']) {
    writeFileSync(path, text)
    const added = await file.edit(addApplication({ name: 'all', env }))
    t.same(added.config.applications.at(-1)?.env, env)
    const set = await file.edit(setApplicationFields('ghost', { env }))
    t.same(set.config.applications.find(({ name }) => name === 'ghost')?.env, env)
  }
})
