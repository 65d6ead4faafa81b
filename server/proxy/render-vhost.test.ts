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
type Upstream = Extract<Vhost['serve'], { kind: 'upstream' }>
const serve = (more: Partial<Upstream> = {}): Upstream => ({
  kind: 'upstream',
  servers: ['10.213.0.18:8065'],
  protocol: 'http',
  maxBody: '100m',
  websocket: true,
  buffering: true,
  timeoutSeconds: 600,
  paths: [{ path: '/events', server: '10.213.0.19:8888' }],
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
    /server 10\.0\.0\.1:1;\n\s+server \[fd00::1\]:2;/,
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
    'path server': (x) => ({ serve: serve({ paths: [{ path: '/a', server: `10.0.0.1:80${x}` }] }) }),
    certificate: (x) => ({ tls: tls && { ...tls, certificate: `/srv/data/certificates/a${x}/f.pem` } }),
    key: (x) => ({ tls: tls && { ...tls, key: `/srv/data/certificates/${x}/k.pem` } }),
    plainFor: (x) => ({ plainFor: [`10.0.0.0/8${x}`] }),
  }
  for (const [field, make] of Object.entries(fields))
    for (const poison of poisons) {
      // two dots alone change no meaning inside a folder name
      if (poison === '..' && field === 'certificate') continue
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
          vhost({ serve: serve({ paths: [{ path: `/a${poison}`, server: '10.0.0.1:80' }] }) }),
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

t.test('values out of range', (t) => {
  const wrong: Partial<Vhost>[] = [
    { serve: serve({ servers: [] }) },
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
    { serve: serve({ paths: [{ path: '/', server: '10.0.0.1:80' }] }) },
    { serve: serve({ paths: [{ path: 'x', server: '10.0.0.1:80' }] }) },
    { serve: serve({ paths: [{ path: '/.summoner-page', server: '10.0.0.1:80' }] }) },
    { serve: serve({ paths: [1, 2].map((n) => ({ path: '/a', server: `10.0.0.${n}:80` })) }) },
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
