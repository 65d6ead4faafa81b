import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { renderVhost, type VhostContext } from './render-vhost.ts'
import type { Vhost } from './vhost.ts'

const context: VhostContext = {
  ports: { http: 80, https: 443, ipv6: true },
  certificatesDir: '/srv/data/certificates',
  pages: '/etc/nginx/summoner/pages/0123456789ab',
  fingerprint: 'feedfacecafe',
}
const HASH = `$6$saltsalt$${'a'.repeat(86)}`
type Upstream = Extract<Vhost['serve'], { kind: 'upstream' }>
const serve = (more: Partial<Upstream> = {}): Upstream => ({
  kind: 'upstream',
  servers: ['10.213.0.18:8065'],
  protocol: 'http',
  maxBody: '100m',
  websocket: true,
  buffering: true,
  timeoutSeconds: 600,
  paths: [{ path: '/events', servers: ['10.213.0.19:8888'] }],
  ...more,
})
const vhost = (more: Partial<Vhost> = {}): Vhost => ({
  host: 'chat.example.org',
  owner: 'minion:chat',
  serve: serve(),
  tls: {
    certificate: '/srv/data/certificates/.versions/chat.example.org/4f/fullchain.pem',
    key: '/srv/data/certificates/.versions/chat.example.org/4f/privkey.pem',
    publiclyTrusted: true,
  },
  ...more,
})

t.test('the golden file: everything a managed host says', (t) => {
  t.equal(
    renderVhost(vhost(), context),
    readFileSync(join(import.meta.dirname, 'render-vhost.golden.conf'), 'utf8'),
  )
  t.end()
})

t.test(
  'behind trusted proxies an application is told what they say, and plain HTTP is not always sent away',
  (t) => {
    const fronted = (more: Partial<Vhost> = {}) => renderVhost(vhost(more), { ...context, fronts: true })
    const text = fronted()
    t.match(text, 'proxy_set_header X-Forwarded-Proto $summoner_proto;')
    t.match(text, 'proxy_set_header X-Forwarded-Port $summoner_port;')
    t.notMatch(text, /X-Forwarded-Proto https?;/)
    const [plain = ''] = text.split('listen 443')
    t.match(
      plain,
      /if \(\$uri ~ \^\/\\\.well-known\/acme-challenge\/\) \{\n    break;\n  \}\n  if \(\$summoner_away = 301\) \{\n    return 301 https:\/\/chat\.example\.org\$request_uri;/,
    )
    t.match(plain, 'proxy_pass http://up.chat.example.org;')
    t.match(fronted({ rootCertificate: true }), 'if ($uri = /ca.crt) {')
    t.match(fronted({ plainFor: ['10.0.0.0/8'] }), 'if ($plain_chat_example_org = 1) {\n    break;')
    t.match(
      fronted({ serve: { kind: 'redirect', to: 'other.example.org' } }),
      'return 307 $summoner_proto://other.example.org$request_uri;',
    )
    t.match(
      fronted({ serve: serve({ protocol: 'fastcgi' }) }),
      /fastcgi_param HTTPS \$summoner_https;[^}]*SERVER_PORT \$summoner_port;/,
    )
    t.notMatch(renderVhost(vhost(), context), '$summoner_proto')
    t.end()
  },
)

t.test('a folder of files takes the place of the same path of the application', (t) => {
  const text = renderVhost(
    vhost({
      serve: serve({
        paths: [
          { path: '/files/', servers: ['10.0.0.1:1'] },
          { path: '/a', servers: ['10.0.0.1:2'] },
        ],
      }),
      options: { static: { '/files/': 'shared', '/a': 'a.txt' } },
    }),
    context,
  )
  t.equal(text.match(/location (\^~ )?\/files\/ \{/g)?.length, 1, 'twice would be refused by nginx')
  t.match(text, 'location = /a {')
  t.match(text, 'location /a {')
  t.end()
})

t.test('what the options change', (t) => {
  const text = (more: Partial<Vhost>, ports = context.ports) =>
    renderVhost(vhost(more), { ...context, ports })
  t.notMatch(text({ serve: serve({ websocket: false }) }), '$summoner_upgrade')
  t.match(text({ serve: serve({ buffering: false }) }), 'proxy_request_buffering off;')
  t.match(
    text({ serve: serve({ protocol: 'https' }) }),
    /proxy_pass https:\/\/up\.chat\.example\.org;[^}]*proxy_ssl_server_name on;/,
  )
  t.match(text({ serve: serve({ servers: ['unix:/run/x/web.sock'] }) }), 'server unix:/run/x/web.sock;')
  t.match(
    text({ serve: serve({ servers: ['10.0.0.1:1', '[fd00::1]:2'] }) }),
    /zone up\S+ 64k;\n\s+server 10\.0\.0\.1:1 max_fails=3 fail_timeout=10s;\n\s+server \[fd00::1\]:2 max_fails=3/,
  )
  const custom = text({}, { http: 8080, https: 8443, ipv6: false })
  t.match(custom, 'return 301 https://chat.example.org:8443$request_uri;')
  t.match(custom, 'proxy_set_header Host chat.example.org:8443;')
  t.match(custom, 'X-Forwarded-Port 8443;')
  t.notMatch(custom, '[::]')
  const own = vhost().tls
  t.notMatch(text({ tls: own && { ...own, publiclyTrusted: false } }), 'Strict-Transport-Security')
  const plain = text({ tls: undefined })
  t.notMatch(plain, /443|ssl_|https:/)
  t.match(plain, 'X-Forwarded-Proto http;')
  t.match(
    text({ serve: { kind: 'redirect', to: 'summoner.example.org' } }),
    'return 307 https://summoner.example.org$request_uri;',
  )
  t.match(
    text({ serve: { kind: 'page', reason: 'stopped' } }),
    /try_files \/stopped\.\$summoner_language\.html/,
  )
  t.match(text({ plainFor: ['10.213.0.0/16'] }), /geo \$plain_chat_example_org \{[^}]*10\.213\.0\.0\/16 1;/)
  t.match(text({ rootCertificate: true }), 'location = /ca.crt {')
  t.match(text({ host: 'CHAT.Example.org' }), 'server_name chat.example.org;')
  t.end()
})

t.test('no field carries anything into the text', (t) => {
  const poisons = [
    ';',
    '{',
    '}',
    '"',
    "'",
    '\n',
    '\r',
    '#',
    '$',
    '`',
    '\\',
    '\0',
    ' ',
    '\t',
    '*',
    '|',
    '<',
    '..',
    '%',
    'é',
    '‮',
    '; } server { listen 81; root /; }',
    '$host',
    '${host}',
    '`id`',
    '\nload_module x;',
    '../../etc/passwd',
    ' # ',
  ]
  const tls = vhost().tls
  const fields: Record<string, (poison: string) => Partial<Vhost>> = {
    host: (x) => ({ host: `chat${x}.example.org` }),
    'host, whole': (x) => ({ host: x }),
    to: (x) => ({ serve: { kind: 'redirect', to: `a${x}.example.org` } }),
    reason: (x) => ({ serve: { kind: 'page', reason: x as 'stopped' } }),
    server: (x) => ({ serve: serve({ servers: [`10.0.0.1${x}:80`] }) }),
    'server port': (x) => ({ serve: serve({ servers: [`10.0.0.1:80${x}`] }) }),
    socket: (x) => ({ serve: serve({ servers: [`unix:/run/${x}/web.sock`] }) }),
    protocol: (x) => ({ serve: serve({ protocol: `http${x}` as 'http' }) }),
    maxBody: (x) => ({ serve: serve({ maxBody: `100m${x}` }) }),
    timeout: (x) => ({ serve: serve({ timeoutSeconds: `60${x}` as unknown as number }) }),
    'path server': (x) => ({ serve: serve({ paths: [{ path: '/a', servers: [`10.0.0.1:80${x}`] }] }) }),
    certificate: (x) => ({ tls: tls && { ...tls, certificate: `/srv/data/certificates/a${x}/f.pem` } }),
    key: (x) => ({ tls: tls && { ...tls, key: `/srv/data/certificates/${x}/k.pem` } }),
    plainFor: (x) => ({ plainFor: [`10.0.0.0/8${x}`] }),
    'plainFor of a wildcard': () => ({ host: '*.example.org', plainFor: ['10.0.0.0/8'] }),
    wildcard: (x) => ({ host: `*.example${x}.org` }),
    'wildcard at the end': (x) => ({ host: `example${x}.*` }),
    dest: (x) => ({ serve: serve({ dest: `/${x}${x === '..' ? ' ' : ''}` }) }),
    root: (x) => ({ serve: serve({ protocol: 'fastcgi', root: `/var/${x}/www` }) }),
    'path protocol': (x) => ({
      serve: serve({
        paths: [{ path: '/a', servers: ['10.0.0.1:80'], protocol: `http${x}` as 'http' }],
      }),
    }),
    https: (x) => ({ options: { https: `redirect${x}` as 'redirect' } }),
    allow: (x) => ({ options: { allow: [`10.0.0.0/8${x}`] } }),
    deny: (x) => ({ options: { deny: [`10.0.0.1${x}`] } }),
    user: (x) => ({ options: { users: [{ name: `${x}ann`, hash: HASH }] } }),
    hash: (x) => ({ options: { users: [{ name: 'ann', hash: `${HASH}${x}` }] } }),
    'header name': (x) => ({ options: { headers: { [`X-A${x}`]: 'b' } } }),
    requests: (x) => ({
      options: { rate: { requests: `1${x}` as unknown as number, per: 'second', burst: 0 } },
    }),
    per: (x) => ({ options: { rate: { requests: 1, per: `second${x}` as 'second', burst: 0 } } }),
    burst: (x) => ({
      options: { rate: { requests: 1, per: 'second', burst: `1${x}` as unknown as number } },
    }),
    'static file': (x) => ({ options: { static: { '/a/': `a/${x}` } } }),
  }
  for (const [field, make] of Object.entries(fields))
    for (const poison of poisons) {
      // two dots alone change no meaning inside a folder name
      if (poison === '..' && field === 'certificate') continue
      // dots and a path that climbs are one for the application to judge, as in every request
      if (poison.startsWith('..') && field === 'dest') continue
      if (poison === '*' && field.startsWith('wildcard at')) continue
      t.throws(
        () => renderVhost(vhost(make(poison)), context),
        { code: /^(proxy|host)\.invalid$/ },
        `${field} ${JSON.stringify(poison)}`,
      )
    }
  for (const poison of poisons.filter((one) => one !== '..' && one !== '../../etc/passwd'))
    t.throws(
      () =>
        renderVhost(
          vhost({ serve: serve({ paths: [{ path: `/a${poison}`, servers: ['10.0.0.1:80'] }] }) }),
          context,
        ),
      {
        code: 'proxy.invalid',
      },
    )
  const owner = renderVhost(vhost({ owner: 'minion:x\n; evil' }), context)
  t.notMatch(owner, 'evil', 'the owner is never written')
  t.end()
})

t.test('headers and static paths hold what cannot end their place', (t) => {
  const refused = (options: Vhost['options']) =>
    t.throws(() => renderVhost(vhost({ options: options ?? {} }), context), { code: 'proxy.invalid' })
  for (const bad of ['', 'a"b', 'a$b', 'a\\b', 'a\nb', 'a\rb', 'a\0b', 'é', '\t'])
    refused({ headers: { 'X-A': bad } })
  for (const name of ['Content-Length', 'transfer-encoding', 'Connection', 'Location', ''])
    refused({ headers: { [name]: 'x' } })
  for (const path of ['/', 'a', '/a b/', '/a;/', '/{', '/.summoner-page', '/.well-known/acme-challenge/x'])
    refused({ static: { [path]: 'a' } })
  for (const file of ['', '/etc/passwd', '../users', 'a/../../users', '.hidden', 'a/.git', 'a//b'])
    refused({ static: { '/a/': file } })
  const kept = renderVhost(vhost({ options: { headers: { 'X-Frame-Options': "ALLOW; '#{}" } } }), context)
  t.match(kept, `add_header X-Frame-Options "ALLOW; '#{}" always;`, 'quotes hold it')
  t.end()
})

t.test('options as nginx text', (t) => {
  const text = (options: Vhost['options'], more: Partial<Vhost> = {}, http3 = false) =>
    renderVhost(vhost({ options: options ?? {}, ...more }), { ...context, http3 })
  const guarded = text({
    users: [{ name: 'ann', hash: HASH }],
    allow: ['192.0.2.0/24', '2001:db8::1'],
    deny: ['192.0.2.7'],
    rate: { requests: 5, per: 'minute', burst: 3 },
    compression: false,
  })
  t.match(
    guarded,
    /deny 192\.0\.2\.7;\n {2}allow 192\.0\.2\.0\/24;\n {2}allow 2001:db8::1;\n {2}deny all;/,
    'deny first: nginx takes the first that fits',
  )
  t.match(guarded, /auth_basic_user_file \/etc\/nginx\/summoner\/users\/[0-9a-f]{12};/)
  t.notMatch(guarded, HASH, 'the hash lies in a file of its own')
  t.match(guarded, 'proxy_set_header Authorization "";')
  t.match(guarded, /^limit_req_zone .* zone=rate\.chat\.example\.org:1m rate=5r\/m;$/m)
  t.match(guarded, 'limit_req zone=rate.chat.example.org burst=3 nodelay;')
  t.match(guarded, 'gzip off;')
  t.notMatch(text({}), 'Authorization')

  const methods = (https: 'redirect' | 'noredirect' | 'nohttp') =>
    text({ https, users: [{ name: 'ann', hash: HASH }] }).split('listen 443 ssl;')[0] ?? ''
  t.match(methods('redirect'), 'return 301 https:')
  t.match(methods('nohttp'), 'return 444;')
  t.notMatch(methods('nohttp'), 'proxy_pass')
  const both = methods('noredirect')
  t.match(both, 'proxy_set_header X-Forwarded-Proto http;')
  t.match(both, /acme-challenge\/ \{[^}]*auth_basic off;/, 'the authority needs no password')
  t.match(both.split('acme-challenge')[1], 'auth_basic_user_file')
  t.notMatch(text({ https: 'noredirect' }), 'Strict-Transport-Security', 'plain HTTP is to stay possible')

  const header = text({ headers: { 'Referrer-Policy': 'no-referrer' } })
  t.match(header, /proxy_hide_header Referrer-Policy;\n\s+add_header Referrer-Policy "no-referrer" always;/)
  t.notMatch(header, '$summoner_referrer', 'said once')

  const files = text({ static: { '/robots.txt': 'robots.txt', '/files/': 'shared/files' } })
  t.match(files, /location = \/robots\.txt \{\n\s+alias \/etc\/nginx\/summoner\/static\/robots\.txt;/)
  t.match(files, /location \^~ \/files\/ \{\n\s+alias \/etc\/nginx\/summoner\/static\/shared\/files\/;/)

  t.notMatch(text({ http3: true }), 'quic', 'not where nginx cannot')
  t.match(text({ http3: true }, {}, true), /listen 443 quic;[^]*Alt-Svc 'h3=":443"; ma=86400'/)

  const snippet = text({ snippet: 'expires 1h; # for all' })
  t.match(snippet, 'expires 1h; # for all\n  # end of snippet\n')
  t.throws(() => text({ snippet: '} server {' }), { code: 'proxy.invalid' })
  t.end()
})

t.test('wildcards: the request names the host, files and zones do not carry the star', (t) => {
  for (const [host, name] of [
    ['*.example.org', '_.example.org'],
    ['example.*', 'example._'],
  ] as const) {
    const text = renderVhost(
      vhost({ host, options: { rate: { requests: 1, per: 'second', burst: 0 } } }),
      context,
    )
    t.match(text, `server_name ${host};`)
    t.match(text, `upstream up.${name} {`)
    t.match(text, `zone=rate.${name}:1m`)
    t.match(text, `/var/log/summoner/${name}.access.log`)
    t.match(text, 'return 301 https://$host$request_uri;')
    t.match(text, 'proxy_set_header Host $host;')
  }
  t.end()
})

t.test('other protocols, and targets that replace their path', (t) => {
  const php = renderVhost(
    vhost({ serve: serve({ protocol: 'fastcgi', root: '/srv/app', paths: [] }) }),
    context,
  )
  t.match(php, 'fastcgi_pass up.chat.example.org;')
  t.match(php, 'fastcgi_param SCRIPT_FILENAME /srv/app$fastcgi_script_name;')
  t.match(php, 'fastcgi_param HTTP_PROXY "";', 'httpoxy')
  t.match(php, 'fastcgi_param HTTP_X_FORWARDED_FOR $remote_addr;')
  t.notMatch(php, 'proxy_pass')
  const uwsgi = renderVhost(vhost({ serve: serve({ protocol: 'uwsgi', paths: [] }) }), context)
  t.match(uwsgi, 'uwsgi_pass up.chat.example.org;')
  const paths = renderVhost(
    vhost({
      serve: serve({
        servers: [],
        pathsOnly: true,
        paths: [
          { path: '/api/', servers: ['10.0.0.1:80'], dest: '/' },
          { path: '/gone/', servers: [] },
        ],
      }),
    }),
    context,
  )
  t.match(paths, 'proxy_pass http://path0.chat.example.org/;')
  t.match(paths, /location \/gone\/ \{\n\s+return 503;/)
  t.match(paths, /location \/ \{\n\s+return 404;/)
  t.notMatch(paths, 'upstream up.')
  t.end()
})

t.test('values out of range', (t) => {
  const wrong: Partial<Vhost>[] = [
    { serve: serve({ servers: [], paths: [] }) },
    { serve: serve({ servers: ['10.0.0.1:0'] }) },
    { serve: serve({ servers: ['10.0.0.1:65536'] }) },
    { serve: serve({ servers: ['10.0.0.256:80'] }) },
    { serve: serve({ servers: ['app:80'] }) },
    { serve: serve({ servers: ['10.0.0.1'] }) },
    { serve: serve({ maxBody: '' }) },
    { serve: serve({ maxBody: '-1' }) },
    { serve: serve({ maxBody: '1t' }) },
    { serve: serve({ maxBody: `1${'0'.repeat(20)}` }) },
    { serve: serve({ timeoutSeconds: 0 }) },
    { serve: serve({ timeoutSeconds: 1.5 }) },
    { serve: serve({ timeoutSeconds: Number.NaN }) },
    { serve: serve({ timeoutSeconds: 1e9 }) },
    { serve: serve({ paths: [{ path: '/', servers: ['10.0.0.1:80'] }] }) },
    { serve: serve({ paths: [{ path: 'x', servers: ['10.0.0.1:80'] }] }) },
    { serve: serve({ paths: [{ path: '/.summoner-page', servers: ['10.0.0.1:80'] }] }) },
    { serve: serve({ paths: [1, 2].map((n) => ({ path: '/a', servers: [`10.0.0.${n}:80`] })) }) },
    { plainFor: ['10.0.0.0/33'] },
    { plainFor: ['10.0.0.0'] },
    { tls: { certificate: '/etc/shadow', key: '/etc/shadow', publiclyTrusted: false } },
    {
      tls: { certificate: '/srv/data/certificates', key: '/srv/data/certificates/k', publiclyTrusted: false },
    },
    {
      tls: {
        certificate: '/srv/data/certificates/../x',
        key: '/srv/data/certificates/k',
        publiclyTrusted: false,
      },
    },
  ]
  for (const more of wrong)
    t.throws(() => renderVhost(vhost(more), context), { code: 'proxy.invalid' }, JSON.stringify(more))
  t.end()
})
