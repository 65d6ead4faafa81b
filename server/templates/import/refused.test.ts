/** What would hand over the server: refused where it stands, granted by name or not at all. Nothing ever throws. */
import t from 'tap'
import { parse } from 'yaml'
import { imported, summonable } from './summonable.fixture.ts'

/** `▸` marks the place that must be named. */
function marked(text: string): { text: string; place: string | undefined } {
  const offset = text.indexOf('▸')
  const before = text.slice(0, Math.max(offset, 0)).split('\n')
  const place = offset < 0 ? undefined : `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
  return { text: text.replace('▸', ''), place }
}
const service = (text: string) =>
  `services:\n  app:\n    image: a:1\n    ${text.replaceAll('\n', '\n    ')}\n`

const powers: [text: string, grant: string][] = [
  ['▸privileged: true', 'privileged'],
  ['▸privileged: "${YES}"', 'privileged'],
  ['▸pid: host', 'pid:host'],
  ['▸ipc: host', 'ipc:host'],
  ['▸uts: host', 'uts:host'],
  ['▸userns_mode: host', 'userns:host'],
  ['▸cgroup: host', 'cgroup:host'],
  ['▸cgroup_parent: /x', 'cgroup_parent:/x'],
  ['▸network_mode: host', 'network:host'],
  ['cap_add:\n  - CHOWN\n  - ▸NET_ADMIN', 'cap:NET_ADMIN'],
  ['devices: [▸"/dev/kvm:/dev/kvm"]', 'device:/dev/kvm'],
  ['▸gpus: all', 'device:gpu'],
  ['security_opt: [▸seccomp=unconfined]', 'security:seccomp=unconfined'],
  ['▸runtime: other', 'runtime:other'],
  ['▸use_api_socket: true', 'docker.sock'],
  ['▸oom_score_adj: -900', 'oom'],
  ['volumes:\n  - ▸/var/run/docker.sock:/var/run/docker.sock', 'docker.sock'],
  ['volumes:\n  - ▸/run/docker.sock:/s:ro', 'docker.sock:ro'],
  ['volumes:\n  - a:/a\n  - ▸/:/host', 'path:/'],
  ['volumes:\n  - ▸../secret:/x', 'path:../secret'],
  ['volumes:\n  - ▸./a/../../b:/x', 'path:./a/../../b'],
  ['volumes:\n  - ▸~/.ssh:/x:ro', 'path:~/.ssh:ro'],
  ['volumes:\n  - ▸{type: bind, source: /etc, target: /x}', 'path:/etc'],
  ['volumes:\n  - ▸{source: /etc, target: /x}', 'path:/etc'],
  ['volumes:\n  - ▸{type: volume, source: /etc, target: /x}', 'path:/etc'],
  ['volumes: [▸"${X:-/etc}:/x"]', 'path:/etc'],
  ['volumes: [▸"./x/${Y:-../../..}/etc:/x"]', 'path:./x/../../../etc'],
]
t.test('powers', async (t) => {
  for (const [written, grant] of powers) {
    const { text, place } = marked(service(written))
    const report = imported(text)
    t.notOk(report.ok, written)
    const refusal = report.refusals.find((each) => each.grant === grant)
    t.ok(refusal, `${written} names ${grant}: ${JSON.stringify(report.refusals)}`)
    t.equal(`${refusal?.line}:${refusal?.column}`, place, written)
    t.same(report.files, {}, 'nothing of a refused file comes back')
    if (/\.\./.test(grant)) continue
    const granted = imported(text, { grants: [grant] })
    t.ok(granted.ok, `${written} granted: ${JSON.stringify(granted.refusals)}`)
    t.match(parse(granted.files['minion.yml'] ?? ''), { grants: [{ what: grant }] }, written)
    const env: Record<string, string> = written.includes('YES') ? { YES: 'true' } : {}
    t.throws(
      () => summonable(granted, { env }),
      { code: 'template.refused' },
      'granting the import is not granting the minion',
    )
    t.ok(summonable(granted, { grants: [grant], env }), written)
  }
})

const never: [text: string, what: RegExp][] = [
  ['▸include: [/etc/compose.yml]\nservices: {a: {image: a:1}}', /include/],
  ['▸include:\n  - other.yml\nservices: {a: {image: a:1}}', /include/],
  [service('▸extends: {file: /etc/base.yml, service: x}'), /extends/],
  [service('▸env_file: /etc/shadow'), /outside/],
  [service('env_file:\n  - ▸../../.env'), /outside/],
  [service('env_file: [▸{path: ~/x, required: false}]'), /outside/],
  [service('env_file: [▸"${X}/.env"]'), /outside/],
  [service('▸volumes_from: [container:other]'), /volumes_from/],
  [service('▸label_file: /etc/passwd'), /label_file/],
  [service('▸post_start: [{command: x}]'), /post_start/],
  [service('▸provider: {type: x}'), /provider/],
  [service('▸credential_spec2: x'), /credential_spec2/],
  [service('environment: {▸"A B": x}'), /name of a variable/],
  [service('environment: [▸"A;id=1"]'), /name of a variable/],
  [service('command: ["echo", ▸"$5"]'), /no variable/],
  [service('environment: {▸A: "${B"}'), /no variable/],
  [service('volumes: [▸"a:b"]'), /no absolute path/],
  [service('volumes: [▸"a:/x/${Y}"]'), /no absolute path/],
  [service('volumes: [▸{type: npipe, source: x, target: /x}]'), /kind of mount/],
  [service('volumes: [v:/x]') + 'volumes:\n  ▸v: {driver: rclone}\n', /driver rclone/],
  [
    service('volumes: [v:/x]') +
      'volumes:\n  ▸v: {driver_opts: {type: nfs, o: "addr=10.0.0.1", device: ":/x"}}\n',
    /nfs/,
  ],
  [
    service('volumes: [▸"v:/x"]') + 'volumes:\n  v: {driver_opts: {type: none, o: bind, device: /etc}}\n',
    /\/etc of this server/,
  ],
  [
    service('volumes: [▸"v:/x"]') +
      'volumes:\n  v: {driver: local, driver_opts: {type: none, o: "ro,rbind", device: /var/run/docker.sock}}\n',
    /docker\.sock/,
  ],
  [service('networks: [n]') + 'networks:\n  n: {▸driver: macvlan}\n', /network-driver/],
  [service('secrets: [s]') + 'secrets:\n  s: {▸file: /etc/shadow}\n', /not in the folder/],
  [service('configs: [s]') + 'configs:\n  s: {▸file: ../x}\n', /not in the folder/],
  [service('secrets: [▸"s"]'), /not under secrets/],
  [service('▸networks: [n]'), /network n is not in the file/],
  [service('▸depends_on: [other]'), /needs other/],
  ['services: {app: {build: {context: ., ▸ssh: [default]}}}', /build\.ssh/],
  ['services: {app: {build: {context: ., ▸privileged: true}}}', /build\.privileged/],
  ['services: {app: {build: {context: ., ▸additional_contexts: {x: /etc}}}}', /additional_contexts/],
  ['services: {app: {build: {▸context: /etc}}}', /outside/],
  ['services: {app: {▸build: "https://example.org/x.git"}}', /not in this folder/],
  ['services: {app: {build: {context: ., ▸dockerfile: ../Dockerfile}}}', /not among the files/],
  ['services: {▸app: {command: x}}', /neither an image/],
  ['services: {▸app: x}', /not a service/],
  ['services: {▸"a b": {image: a:1}}', /cannot name/],
  ['services: {▸"$(id)": {image: a:1}}', /cannot name/],
  ['services: {app: {▸image: "a b:1"}}', /no image reference/],
  ['services: {app: {▸image: "-v:1"}}', /no image reference/],
  ['▸models: {x: {}}\nservices: {app: {image: a:1}}', /models/],
  ['services: {}', /no services/],
  ['', /mapping/],
  ['just words', /mapping/],
  ['- a', /mapping/],
  ['services:\n  a: {image: a:1}\n  ▸a: {image: b:1}', /twice/],
  ['services:\n  ▸__proto__: {image: a:1}', /__proto__/],
  ['services: {a: {image: a:1, environment: {▸constructor: x}}}', /constructor/],
  ['services: {a: ▸*missing}', /anchor/],
  ['services:\n\t▸a: 1', /./],
  ['a: &a {image: a:1}\nservices: {x: {▸<<: [1]}}', /merge key/],
]
t.test('what no grant allows', async (t) => {
  for (const [written, what] of never) {
    const { text, place } = marked(written)
    const report = imported({ 'compose.yml': text, Dockerfile: 'FROM scratch' })
    t.notOk(report.ok, written)
    const refusal = report.refusals.find((each) => what.test(`${each.what} ${each.grant ?? ''}`))
    t.ok(refusal, `${written}: ${JSON.stringify(report.refusals)}`)
    if (place !== undefined && what.source !== '.')
      t.equal(`${refusal?.line}:${refusal?.column}`, place, written)
    t.equal(refusal?.path, 'compose.yml')
  }
})

const long = (count: number, text: string) => text.repeat(count)
const bombs: [what: string, text: string][] = [
  ['depth in brackets', `services: ${long(10_000, '[')}`],
  ['depth in dashes', `services:\n  ${long(10_000, '- ')}a`],
  ['depth by lines', Array.from({ length: 1000 }, (_, depth) => `${long(depth, ' ')}a:`).join('\n')],
  [
    'laughs',
    `a: &a [${long(9, 'x,')}]\n${Array.from('bcdefghi')
      .map((name, index) => `${name}: &${name} [${long(9, `*${'abcdefgh'[index]},`)}]`)
      .join('\n')}\nservices: {x: {command: *i}}`,
  ],
  [
    'laughs of maps',
    `a: &a {image: a:1}\n${Array.from('bcdefghi')
      .map(
        (name, index) =>
          `${name}: &${name} {${Array.from({ length: 9 }, (_, key) => `k${key}: *${'abcdefgh'[index]}`).join(', ')}}`,
      )
      .join('\n')}\nservices: *i`,
  ],
  [
    'a thousand merges',
    `a: &a {${Array.from({ length: 2000 }, (_, key) => `k${key}: 1`).join(', ')}}\nservices: {x: {<<: [${long(5000, '*a,')}]}}`,
  ],
  ['an alias of itself', 'services: &a {x: *a}'],
  ['too many keys', `services:\n${Array.from({ length: 60_000 }, (_, key) => `  s${key}: {}`).join('\n')}`],
  ['too large', `#${long(1024 * 1024, 'x')}`],
]
t.test('bombs are turned away with a place, and cheaply', async (t) => {
  for (const [what, text] of bombs) {
    const heap = process.memoryUsage().heapUsed
    const report = imported(text)
    t.notOk(report.ok, what)
    t.match(report.refusals[0], { path: 'compose.yml', line: Number, column: Number }, what)
    t.ok(process.memoryUsage().heapUsed - heap < 300 * 1024 * 1024, what)
  }
})

t.test('paths of files', async (t) => {
  for (const path of [
    '../x',
    '/etc/x',
    'a/../../x',
    'a//b',
    './x',
    'a\\b',
    'a\0b',
    '',
    'a/',
    long(600, 'x'),
    long(40, 'a/') + 'b',
    'a\nb',
  ]) {
    const report = imported({ 'compose.yml': 'services: {a: {image: a:1}}', [path]: 'x' })
    t.notOk(report.ok, JSON.stringify(path))
    t.match(report.refusals, [{ what: /path/ }])
  }
  const many = Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`f${index}`, '']))
  t.notOk(imported(many).ok)
})

t.test('what is said in the file is never said to compose', async (t) => {
  const report = imported(
    service(
      'environment: {A: "${COMPOSE_FILE:-x}", B: "${PATH}", C: "${HTTP_PORT}", D: "${lower}", E: "${DOCKER_HOST:-y}", F: "${BOX_DATA}"}',
    ),
    { answers: {} },
  )
  t.ok(report.ok)
  const { template } = summonable(report, {
    env: { APP_PATH: 'p', APP_HTTP_PORT: '1', LOWER: 'l', APP_BOX_DATA: 'd' },
  })
  t.same(template.compose.services['app']?.environment, {
    A: '${APP_COMPOSE_FILE}',
    B: '${APP_PATH}',
    C: '${APP_HTTP_PORT}',
    D: '${LOWER}',
    E: '${APP_DOCKER_HOST}',
    F: '${APP_BOX_DATA}',
  })
})

t.test('labels of ours, other files of compose', async (t) => {
  const report = imported({
    'compose.yml':
      'services:\n  a:\n    build: .\n    labels: {io.summoner.box: x, com.docker.compose.project: y, keep: z}\n',
    'compose.override.yml': 'services: {a: {privileged: true}}',
    'minion.yml': 'grants: [x]',
    'instance.json': '{}',
    '.env': 'A_PASSWORD=topsecret',
    '.git/config': 'token',
    Dockerfile: 'FROM scratch',
  })
  t.ok(report.ok)
  t.match(
    report.changes.find(({ what }) => what.startsWith('compose.override.yml')),
    { path: 'compose.override.yml' },
  )
  t.notOk(parse(report.files['minion.yml'] ?? '').grants)
  t.same(Object.keys(report.files).toSorted(), [
    'compose.yml',
    'minion.yml',
    'source/Dockerfile',
    'source/instance.json',
    'source/minion.yml',
  ])
  t.notMatch(JSON.stringify(report.files), /io\.summoner|topsecret|privileged/)
})
