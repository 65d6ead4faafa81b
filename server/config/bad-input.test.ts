/** Everything a hand or an attacker may write into config.yml: refused with its place, and no byte of the file changes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { SummonerError } from '../errors.ts'
import { createConfigFile } from './config-file.ts'
import { setDomain } from './edits.ts'

const base = 'summoner:\n  domain: a.example\n'
/** The one place where anything may stand: the body of a request. */
const free = (value: string) =>
  `${base}  channels: {h: {http: {url: {secret: u}}}}\n  recipes: [{name: r, on: {type: x}, do: [{request: {channel: h, body: ${value}}}]}]\n`
const entry = (text: string) => `${base}  applications:\n    - ${text}\n`
const long = (count: number, text = 'x') => text.repeat(count)

/** `▸` marks the place that must be named; without it the place is line 1, column 1. */
const rows: [what: string, text: string, detail: RegExp][] = [
  // not a document of ours
  ['empty', '', /must be a map/],
  ['only a comment', '# nothing\n', /must be a map/],
  ['a list', '▸- summoner\n', /must be a map/],
  ['a word', '▸summoner', /must be a map/],
  ['another root', '▸summonr:\n  domain: a.example\n', /unknown key "summonr"; did you mean "summoner"\?/],
  ['a second root', `${base}▸other: 1\n`, /unknown key "other"/],
  ['a second document', `${base}▸---\nsummoner: {}\n`, /second document/],
  ['a directive', `▸%YAML 1.1\n---\n${base}`, /Directives/],
  ['summoner without content', 'summoner:▸\n', /must be a map with "domain"/],
  // broken YAML
  ['a tab as indentation', 'summoner:\n▸\tdomain: a.example\n', /[Tt]abs/],
  ['an open bracket', 'summoner: {domain: [a▸}', /flow|expected|sequence/i],
  ['an open quote', 'summoner:\n  domain: "a.example\n▸', /quote/],
  ['a value after a value', 'summoner:\n  domain: "a" ▸b\n', /./],
  ['wrong indentation', 'summoner:\n  domain: ▸a.example\n   email: a@b.example\n', /./],
  ['a key twice', `${base}  ▸domain: b.example\n`, /written twice/],
  ['a key twice in an entry', entry('{name: ghost, ▸name: wekan}'), /written twice/],
  ['an unknown alias', `${base}  email: ▸*nobody\n`, /no anchor/],
  ['an alias of itself', free('&a {b: ▸*a}'), /no anchor/],
  ['a merge key', `${base}  channels: {a: &a {x: y}}\n  ▸<<: *a\n`, /unknown key "<<"/],
  ['a tag', `${base}  email: !!binary ▸aGk=\n`, /tags/],
  ['a tag of JavaScript', `${base}  email: ▸!!js/function "x"\n`, /./],
  ['a map as a key', `${base}  ? ▸{a: b}\n  : c\n`, /key must be a plain word/],
  // what the proxy is asked for
  [
    'an unknown option',
    entry('{name: ghost, proxy: {▸htpps: redirect}}'),
    /unknown key "htpps"; did you mean "https"/,
  ],
  ['no way to treat HTTPS', entry('{name: ghost, proxy: {https: ▸redirct}}'), /did you mean "redirect"/],
  [
    'a password in the file',
    entry('{name: ghost, proxy: {auth: [{user: ann, password: ▸hunter2}]}}'),
    /\{secret: NAME\}/,
  ],
  [
    'a user with a colon',
    entry('{name: ghost, proxy: {auth: [{user: ▸"a:b", password: {secret: x}}]}}'),
    /not a user/,
  ],
  [
    'a user twice',
    entry(
      '{name: ghost, proxy: {auth: [{user: a, password: {secret: x}}, {user: ▸a, password: {secret: y}}]}}',
    ),
    /listed twice/,
  ],
  [
    'no address',
    entry('{name: ghost, proxy: {allow: [10.0.0.0/8, ▸10.0.0.0/33]}}'),
    /"10\.0\.0\.0\/33" is not an address/,
  ],
  ['a name for an address', entry('{name: ghost, proxy: {deny: [▸evil.example]}}'), /not an address/],
  ['an address with more', entry('{name: ghost, proxy: {deny: [▸"10.0.0.1; evil"]}}'), /not an address/],
  ['a rate without a unit', entry('{name: ghost, proxy: {rate: ▸"10"}}'), /like 10\/s/],
  ['a burst without a rate', entry('{name: ghost, proxy: {burst: ▸5}}'), /needs a rate/],
  ['a header name', entry('{name: ghost, proxy: {headers: {▸"X Y": a}}}'), /unknown key "X Y"/],
  ['a header with a variable', entry('{name: ghost, proxy: {headers: {X-A: ▸"$host"}}}'), /printable/],
  ['a header with a line break', entry('{name: ghost, proxy: {headers: {X-A: ▸"a\\nb"}}}'), /printable/],
  ['a header with a quote', entry("{name: ghost, proxy: {headers: {X-A: ▸'a\"b'}}}"), /printable/],
  [
    'a header that frames',
    entry('{name: ghost, proxy: {headers: {Content-Length: ▸"5"}}}'),
    /belongs to nginx/,
  ],
  [
    'a static path out of its folder',
    entry('{name: ghost, proxy: {static: {/a/: ▸../users}}}'),
    /not a file or folder/,
  ],
  ['a static path with a brace', entry('{name: ghost, proxy: {static: {"/a{": ▸x}}}'), /not a usable path/],
  [
    'a redirect from no host',
    entry('{name: ghost, proxy: {redirect_from: [▸"*.a.example"]}}'),
    /not a host name/,
  ],
  [
    'a redirect from itself',
    entry('{name: ghost, proxy: {redirect_from: [▸ghost.a.example]}}'),
    /taken by "ghost"/,
  ],
  [
    'a redirect from the dashboard',
    entry('{name: ghost, proxy: {redirect_from: [▸summoner.a.example]}}'),
    /Summoner itself/,
  ],
  [
    'a snippet that leaves its block',
    entry('{name: ghost, proxy: {snippet: ▸"} server {"}}'),
    /did not open/,
  ],
  [
    'a snippet that reads files',
    entry('{name: ghost, proxy: {snippet: ▸"include /etc/shadow;"}}'),
    /"include" cannot/,
  ],
  ['a snippet without its end', entry('{name: ghost, proxy: {snippet: ▸"expires 1h"}}'), /";" is missing/],
  ['a size with words', entry('{name: ghost, proxy: {max_body: ▸1 gigabyte}}'), /a size like/],
  ['a site without a host', `${base}  sites: [▸{upstream: "http://127.0.0.1:80"}]\n`, /"host" is missing/],
  ['a site that leads nowhere', `${base}  sites: [▸{host: b.example}]\n`, /either "upstream" or "redirect"/],
  [
    'a site that leads to a name',
    `${base}  sites: [{host: b.example, upstream: ▸"http://nas:80"}]\n`,
    /an address like/,
  ],
  [
    'a site on port 0',
    `${base}  sites: [{host: b.example, upstream: ▸"http://10.0.0.1:70000"}]\n`,
    /cannot be an upstream/,
  ],
  [
    "a site on the daemon's socket",
    `${base}  sites: [{host: b.example, upstream: ▸"unix:web.sock"}]\n`,
    /cannot be/,
  ],
  [
    'a site on any socket',
    `${base}  sites: [{host: b.example, upstream: ▸"unix:/run/docker.sock"}]\n`,
    /an address like/,
  ],
  [
    'a site with a hostile host',
    `${base}  sites: [{host: ▸"b.example;", redirect: a.example}]\n`,
    /not a host name/,
  ],
  [
    'a site that takes hooks',
    `${base}  sites: [{host: ▸hooks.a.example, redirect: b.example}]\n`,
    /Summoner itself/,
  ],
  [
    'a site twice',
    `${base}  sites: [{host: b.example, redirect: c.example}, {host: ▸b.example, redirect: c.example}]\n`,
    /taken by/,
  ],
  [
    'a site that leads to itself',
    `${base}  sites: [{host: b.example, redirect: ▸b.example}]\n`,
    /not another host/,
  ],
  [
    'a trusted proxy by its name',
    `${base}  proxy: {trusted: [192.0.2.0/24, ▸front.example]}\n`,
    /"front\.example" is not an address or a subnet/,
  ],
  [
    'a trusted proxy that is no subnet',
    `${base}  proxy: {trusted: [192.0.2.0/24, ▸192.0.2.0/33]}\n`,
    /"192\.0\.2\.0\/33" is not an address or subnet/,
  ],
  [
    'a trusted proxy and a directive',
    `${base}  proxy: {trusted: [▸"192.0.2.1; real_ip_header X"]}\n`,
    /is not an address/,
  ],
  ['everybody as a trusted proxy', `${base}  proxy: {trusted: [▸"::/0"]}\n`, /is everybody/],
  ['an option of a host for all', `${base}  proxy: {▸allow: []}\n`, /unknown key "allow"/],
  // bombs
  ['depth in brackets', long(10_000, '['), /nested too deeply/],
  ['depth in dashes', long(10_000, '- '), /nested too deeply/],
  ['depth in keys', long(10_000, 'a: '), /nested too deeply/],
  [
    'depth in indentation',
    Array.from({ length: 1000 }, (_, depth) => `${long(depth, ' ')}a:`).join('\n'),
    /nested too deeply/,
  ],
  ['more than 1 MiB', `${base}#${long(1024 * 1024)}`, /larger than 1024 KiB/],
  ['half a million line breaks', `${base}${long(500_000, '\n')}`, /too many entries/],
  ['a hundred thousand entries', `${base}  recipes: [${long(100_000, 'a,')}]`, /too many entries/],
  ['a hundred thousand anchors', `${base}  email: ${long(100_000, '&a ')}x`, /too many entries/],
  ['billion laughs', laughs(), /too many entries|aliases/],
  ['quadratic merge', free(`{a: &a {x: y}, b: [${long(5_000, '*a,')}]}`), /more than 100 aliases/],
  ['__proto__ as a key', `${base}  ▸__proto__: {polluted: true}\n`, /unknown key "__proto__"/],
  ['__proto__ as a variable', entry('{name: ghost, env: {▸__proto__: x}}'), /unknown key "__proto__"/],
  ['constructor in an open section', free('{▸constructor: {prototype: {}}}'), /unknown key "constructor"/],
  // keys and types
  [
    'a slip in a key',
    `${base}  ▸aplications: ghost\n`,
    /unknown key "aplications"; did you mean "applications"\?/,
  ],
  ['a swap in a key', `${base}  ▸dbsorot: /srv/db\n`, /did you mean "dbsroot"\?/],
  ['a key far from all', `${base}  ▸zzzzzzzz: 1\n`, /unknown key "zzzzzzzz"\.$/],
  ['a key of an entry', entry('{name: ghost, ▸subdomian: x}'), /did you mean "subdomain"\?/],
  ['no domain', 'summoner:\n  ▸email: a@b.example\n', /"domain" is missing/],
  ['an entry without a name', entry('▸{template: ghost}'), /"name" is missing/],
  ['applications as a number', `${base}  applications: ▸5\n`, /names separated by spaces or a list/],
  ['applications as a map', `${base}  applications: ▸{ghost: {}}\n`, /or a list/],
  ['an application as a number', entry('▸5'), /must be a name/],
  ['an application as nothing', `${base}  applications: [ghost, ▸null]\n`, /must be a name/],
  ['an application as a list', entry('▸[ghost]'), /must be/],
  ['a domain as a number', 'summoner:\n  domain: ▸12\n', /must be a text; put it in quotes/],
  ['a domain as a list', 'summoner:\n  domain: ▸[a.example]\n', /must be a text/],
  [
    'an unknown state',
    entry('{name: ghost, state: ▸stoped}'),
    /"running" or "stopped"; did you mean "stopped"\?/,
  ],
  ['a state of truth', entry('{name: ghost, state: ▸true}'), /"running" or "stopped"/],
  ['an unknown images', `${base}  images: ▸registy\n`, /did you mean "registry"\?/],
  ['an unknown database', entry('{name: ghost, database: ▸sqlite}'), /"dedicated" or "shared"/],
  ['a variable as a list', entry('{name: ghost, env: {A: ▸[x]}}'), /must be a text/],
  ['env as a list', entry('{name: ghost, env: ▸[A=b]}'), /must be a map/],
  ['grants as a text', entry('{name: ghost, grants: ▸docker.sock}'), /must be a list/],
  ['a version as a map', entry('{name: ghost, version: ▸{a: b}}'), /must be a version/],
  ['a port as a text', `${base}  mail: {host: x.example, port: ▸"25"}\n`, /whole number/],
  ['a port out of range', `${base}  mail: {host: x.example, port: ▸70000}\n`, /at most 65535/],
  ['a half number', `${base}  backups: {keep: {daily: ▸1.5}}\n`, /whole number/],
  ['a password in the file', `${base}  mail: {host: x.example, password: ▸hunter22}\n`, /\{secret: NAME\}/],
  ['a recipe without actions', `${base}  recipes: [{name: x, on: {}, do: ▸[]}]\n`, /at least 1/],
  ['a schedule of four fields', `${base}  backups: {dump: ▸"0 2 * *"}\n`, /schedule/],
  ['tls with an unknown word', `${base}  tls: ▸lets-encrypt\n`, /did you mean "letsencrypt"\?/],
  ['tls with an address of a file', `${base}  tls: {acme: ▸"file:///etc/passwd"}\n`, /ACME directory/],
  ['tls with an address that is none', `${base}  tls: {acme: ▸"https://[x/dir"}\n`, /cannot be used/],
  [
    'tls of a site with an address that is none',
    `${base}  sites: [{host: b.example, redirect: c.example, tls: {acme: ▸"https://a:99999/dir"}}]\n`,
    /cannot be used/,
  ],
  ['a wildcard without DNS', `${base}  tls: {acme: letsencrypt, wildcard: ▸true}\n`, /proven by DNS only/],
  [
    'a wildcard of one site',
    `${base}  sites: [{host: b.example, redirect: c.example, tls: {acme: letsencrypt, ▸wildcard: true}}]\n`,
    /wildcard/,
  ],
  [
    'tls.dns of a site without a provider',
    `${base}  sites: [{host: b.example, redirect: c.example, tls: {acme: letsencrypt, dns: ▸{wait: 3}}}]\n`,
    /exactly one provider/,
  ],
  [
    'tls.dns without a provider',
    `${base}  tls: {acme: letsencrypt, dns: ▸{wait: 3}}\n`,
    /exactly one provider/,
  ],
  [
    'tls.dns with a password',
    `${base}  tls: {acme: letsencrypt, dns: {exec: {argv: [x], secret: ▸hunter22}}}\n`,
    /\{secret: NAME\}/,
  ],
  ['an e-mail without a host', `${base}  email: ▸ops\n`, /e-mail/],
  ['an unknown zone', `${base}  timezone: ▸Europe/Pariss\n`, /not a time zone/],
  // names
  ['an upper-case name', entry('▸Ghost'), /"Ghost" is not a name/],
  ['a name with a digit first', entry('▸1ghost'), /is not a name/],
  ['a name with a hyphen last', entry('▸ghost-'), /is not a name/],
  ['a name of 41 characters', entry(`▸a${long(40)}`), /is not a name/],
  ['a name that climbs', entry('{name: ▸"../../etc"}'), /is not a name/],
  ['a name with a slash', entry('{name: ▸a/b}'), /is not a name/],
  ['a name with a line break', entry('{name: ▸"a\\nb"}'), /is not a name/],
  ['a name with a NUL', entry('{name: ▸"a\\0b"}'), /is not a name/],
  ['a name of a megabyte', entry(`{name: ▸${long(1_000_000)}}`), /is not a name/],
  ['a template that climbs', entry('{name: a, template: ▸"../x"}'), /is not a name/],
  ['a bad name in a string', `${base}  applications: ▸ghost We_kan\n`, /"We_kan" is not a name/],
  ['a name twice', `${base}  applications:\n    - ghost\n    - ▸ghost\n`, /listed twice/],
  ['a name twice in a string', `${base}  applications: ▸ghost ghost\n`, /listed twice/],
  ['a reserved name', entry('▸database'), /reserved/],
  ['a reserved folder', entry('{name: ▸proxy}'), /reserved/],
  ['a reserved name in a string', `${base}  applications: ▸ghost summoner\n`, /reserved/],
  [
    "a name that is the databases' folder",
    `${base}  vsroot: /srv/v\n  dbsroot: /srv/v/ghost\n  applications: ▸ghost\n`,
    /reserved/,
  ],
  ['a second proxy', entry('{name: edge, template: ▸nginx}'), /one proxy/],
  ['nginx of another template', entry('{name: nginx, template: ▸ghost}'), /one proxy/],
  [
    'a stack of strangers',
    `${base}  applications: ghost\n  stacks: {all: [ghost, ▸gost]}\n`,
    /did you mean "ghost"\?/,
  ],
  ['a stack with a bad name', `${base}  stacks: {▸"a b": []}\n`, /unknown key "a b"/],
  // hosts
  ['a domain with a space', 'summoner:\n  domain: ▸"a .example"\n', /cannot be used/],
  ['a domain in capitals', 'summoner:\n  domain: ▸A.example\n', /lower case/],
  ['a domain with an accent', 'summoner:\n  domain: ▸café.example\n', /xn--caf-dma\.example/],
  ['a domain of one label', 'summoner:\n  domain: ▸intranet\n', /at least two parts/],
  ['an address', 'summoner:\n  domain: ▸192.168.1.10\n', /address/],
  ['an IPv6 address', 'summoner:\n  domain: ▸"::1"\n', /address/],
  ['a final dot', 'summoner:\n  domain: ▸a.example.\n', /dot/],
  ['two dots', 'summoner:\n  domain: ▸a..example\n', /cannot be used/],
  ['a wildcard', 'summoner:\n  domain: ▸"*.example.org"\n', /cannot be used/],
  ['a port in the domain', 'summoner:\n  domain: ▸"a.example:80"\n', /cannot be used/],
  ['nginx text in the domain', 'summoner:\n  domain: ▸"a.example; } server { listen 80"\n', /cannot be used/],
  ['a variable in the domain', 'summoner:\n  domain: ▸"$host.example"\n', /cannot be used/],
  ['a label of 64 characters', `summoner:\n  domain: ▸${long(64)}.example\n`, /at most 63/],
  ['a domain of 254 characters', `summoner:\n  domain: ▸${long(50, 'abcd.')}efgh\n`, /at most 253/],
  [
    'a host of more than 253',
    `summoner:\n  domain: ${long(49, 'abcd.')}efgh\n  applications: [{name: x, subdomain: ▸abcdef}]\n`,
    /too long/,
  ],
  ['nginx text in a sub-domain', entry('{name: a, subdomain: ▸"x; return 200"}'), /cannot be used/],
  ['a line break in a sub-domain', entry('{name: a, subdomain: ▸"x\\ny"}'), /cannot be used/],
  ['an underscore in a sub-domain', entry('{name: a, subdomain: ▸a_b}'), /cannot be used/],
  ['a wildcard sub-domain', entry('{name: a, subdomain: ▸"*"}'), /cannot be used/],
  ['an empty sub-domain', entry('{name: a, subdomain: ▸""}'), /cannot be used/],
  [
    'two of one host',
    `${base}  applications:\n    - {name: a, subdomain: x}\n    - {name: b, subdomain: ▸x}\n`,
    /taken by "a"/,
  ],
  [
    'two of the bare domain',
    `${base}  applications:\n    - {name: a, subdomain: "@"}\n    - {name: b, subdomain: ▸"@"}\n`,
    /taken by "a"/,
  ],
  ['a host of the box', entry('{name: a, subdomain: ▸hooks}'), /taken by Summoner/],
  // injection into .env, labels, volumes
  ['a version with a slash', entry('{name: a, version: ▸../../x}'), /is not a version/],
  ['a version with a line break', entry('{name: a, version: ▸"1\\nX=y"}'), /is not a version/],
  ['a version with a variable', entry('{name: a, version: ▸"${HOME}"}'), /is not a version/],
  ['a version of 129 characters', entry(`{name: a, version: ▸${long(129)}}`), /is not a version/],
  ["a variable's name with =", entry('{name: a, env: {▸"A=B": x}}'), /names of variables/],
  ["a variable's name with a line break", entry('{name: a, env: {▸"A\\nB": x}}'), /names of variables/],
  ["a variable's name with a digit first", entry('{name: a, env: {▸1A: x}}'), /names of variables/],
  ['a variable with a NUL', entry('{name: a, env: {A: ▸"x\\0y"}}'), /control character/],
  ['a variable with an escape', entry('{name: a, env: {A: ▸"\\e[2J"}}'), /control character/],
  ['a variable of 32769 characters', entry(`{name: a, env: {A: ▸${long(32_769)}}}`), /longer than 32768/],
  ['a text of a megabyte', `${base}  email: ▸${long(1_000_000)}\n`, /e-mail/],
  ['a folder with a quote', `${base}  vsroot: ▸"/srv/a'b"\n`, /quotes/],
  ['a folder with a variable', `${base}  vsroot: ▸$HOME/data\n`, /quotes, \$/],
  ['a folder with a colon', `${base}  vsroot: ▸"/srv/a:/etc"\n`, /colons/],
  ['a folder of another user', `${base}  vsroot: ▸~bob/data\n`, /another user/],
  ['the root folder', `${base}  vsroot: ▸/\n`, /belongs to the system/],
  [
    'a folder that climbs to the system',
    `${base}  vsroot: ▸../../../../../../../../etc\n`,
    /belongs to the system/,
  ],
  ['a folder of the system', `${base}  dbsroot: ▸/usr/share/x\n`, /belongs to the system/],
  ['one folder for both', `${base}  vsroot: /srv/d\n  dbsroot: ▸/srv/d/\n`, /must differ/],
  // subnets
  ['a public range', `${base}  subnets: ▸8.8.0.0/16\n`, /must lie within/],
  ['a range too large', `${base}  subnets: ▸10.0.0.0/7\n`, /between \/8 and \/24/],
  ['a range too small', `${base}  subnets: ▸10.0.0.0/25\n`, /between \/8 and \/24/],
  ['a range past the private one', `${base}  subnets: ▸172.0.0.0/8\n`, /must lie within/],
  ['a range that begins inside', `${base}  subnets: ▸10.213.1.0/16\n`, /10\.213\.0\.0\/16/],
  ['an address without size', `${base}  subnets: ▸10.213.0.0\n`, /IPv4 range/],
  ['octets that are none', `${base}  subnets: ▸10.300.0.0/16\n`, /IPv4 range/],
  ['an IPv6 range', `${base}  subnets: ▸"fd00::/16"\n`, /IPv4 range/],
]

function laughs(): string {
  const lines = Array.from({ length: 9 }, (_, level) => {
    const value = level === 0 ? '[x,x,x,x,x,x,x,x,x,x]' : `[${long(10, `*l${level - 1},`)}]`
    return `    l${level}: &l${level} ${value}`
  })
  return free(`{${lines.join(', ').replaceAll('    l', 'l')}}`)
}

const folder = mkdtempSync(join(tmpdir(), 'summoner-config-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'config.yml')
const file = createConfigFile({
  path,
  home: '/home/ada',
  previousDir: join(folder, 'previous'),
  clock: () => new Date(0),
})

t.ok(rows.length >= 60, `${rows.length} rows`)
for (const [what, marked, detail] of rows) {
  t.test(what, async (t) => {
    const at = marked.indexOf('▸')
    const text = marked.replace('▸', '')
    // A limit is met somewhere inside: that it is met counts, not where.
    const anywhere = /too (deep|many)|aliases/.test(detail.source)
    const before = text.slice(0, Math.max(at, 0)).split('\n')
    const expected = { line: before.length, column: (before.at(-1) ?? '').length + 1 }

    const check = (error: unknown) => {
      if (!(error instanceof SummonerError)) throw error
      const findings = error.errors ?? [{ detail: error.message, ...error.at }]
      t.match(error, { code: 'config.invalid', status: 409 })
      const match = findings.find(
        (one) =>
          detail.test(one.detail) &&
          (anywhere || (one.line === expected.line && one.column === expected.column)),
      )
      t.ok(match, `names ${expected.line}:${expected.column}`, {
        findings: findings.slice(0, 5),
        detail: String(detail),
      })
      t.ok(JSON.stringify(error.toProblem()).length < 40_000, 'the answer stays small')
    }

    writeFileSync(path, text)
    await file.edit(setDomain('b.example')).then(() => t.fail('it was edited'), check)
    t.ok(readFileSync(path).equals(Buffer.from(text)), 'an edit leaves the bytes')

    writeFileSync(path, base)
    await file.replace(text, file.read().etag).then(() => t.fail('it was written'), check)
    t.equal(readFileSync(path, 'utf8'), base, 'a replacement leaves the bytes')
  })
}

t.test('nothing was polluted', async (t) => {
  t.equal(({} as Record<string, unknown>)['polluted'], undefined)
})
