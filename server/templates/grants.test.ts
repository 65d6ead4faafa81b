import t from 'tap'
import { readDocument } from './document.ts'
import { hostPowers, isGranted } from './grants.ts'
import type { ComposeFile } from './template.ts'

function powersOf(text: string) {
  const { source, value, findings } = readDocument(text, 'compose.yml')
  if (findings.length > 0) throw new Error(findings[0]?.detail)
  return hostPowers(value as ComposeFile, source)
}
const service = (text: string) =>
  `services:\n  app:\n    image: a:1\n    ${text.replaceAll('\n', '\n    ')}\n`

const refused: [yaml: string, what: string][] = [
  ['privileged: true', 'privileged'],
  ['privileged: "true"', 'privileged'],
  ['privileged: ${X}', 'privileged'],
  ['privileged: !override true', 'privileged'],
  ['cap_add: [SYS_ADMIN]', 'cap:SYS_ADMIN'],
  ['cap_add: [cap_net_admin]', 'cap:NET_ADMIN'],
  ['cap_add: [ALL]', 'cap:ALL'],
  ['devices: ["/dev/kvm:/dev/kvm"]', 'device:/dev/kvm'],
  ['devices: [{source: /dev/sda, target: /dev/x}]', 'device:/dev/sda'],
  ['device_cgroup_rules: ["c 1:1 rwm"]', 'device:c 1:1 rwm'],
  ['gpus: all', 'device:gpu'],
  ['deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}', 'device:gpu'],
  ['pid: host', 'pid:host'],
  ['pid: container:other', 'pid:container:other'],
  ['ipc: host', 'ipc:host'],
  ['uts: host', 'uts:host'],
  ['cgroup: host', 'cgroup:host'],
  ['userns_mode: host', 'userns:host'],
  ['network_mode: host', 'network:host'],
  ['network_mode: container:other', 'network:container:other'],
  ['network_mode: cloud_default', 'network:cloud_default'],
  ['network_mode: "${MODE}"', 'network:${MODE}'],
  ['security_opt: [seccomp=unconfined]', 'security:seccomp=unconfined'],
  ['security_opt: ["seccomp:unconfined"]', 'security:seccomp:unconfined'],
  ['security_opt: [apparmor=unconfined]', 'security:apparmor=unconfined'],
  ['security_opt: [systempaths=unconfined]', 'security:systempaths=unconfined'],
  ['security_opt: [label=disable]', 'security:label=disable'],
  ['cgroup_parent: /', 'cgroup_parent:/'],
  ['runtime: sysbox', 'runtime:sysbox'],
  ['provider: {type: x}', 'provider'],
  ['use_api_socket: true', 'docker.sock'],
  ['oom_score_adj: -1000', 'oom'],
  ['post_start: [{command: x, privileged: true}]', 'privileged'],
  ['volumes: ["/var/run/docker.sock:/var/run/docker.sock"]', 'docker.sock'],
  ['volumes: ["/run/docker.sock:/s:ro"]', 'docker.sock:ro'],
  ['volumes: ["/var/./run//docker.sock:/s:z,ro"]', 'docker.sock:ro'],
  ['volumes: [{type: bind, source: /run/docker.sock, target: /s, read_only: true}]', 'docker.sock:ro'],
  ['volumes: ["/:/host"]', 'path:/'],
  ['volumes: ["/etc/:/e:ro"]', 'path:/etc:ro'],
  ['volumes: ["../x:/x"]', 'path:../x'],
  ['volumes: ["./a/../../x:/x"]', 'path:./a/../../x'],
  ['volumes: ["~/.ssh:/x"]', 'path:~/.ssh'],
  ['volumes: [".:/app"]', 'path:.'],
  ['volumes: ["./compose.yml:/c"]', 'path:./compose.yml'],
  ['volumes: ["$HOME:/x"]', 'path:$HOME'],
  ['volumes: ["${ANY}"]', 'path:${ANY}'],
  ['volumes: ["${ANY:-/etc}:/x"]', 'path:${ANY:-/etc}'],
  ['volumes: ["./${ANY}:/x"]', 'path:./${ANY}'],
  ['volumes: ["${VOLUME_STORAGE_ROOT}:/x"]', 'path:${VOLUME_STORAGE_ROOT}'],
  ['volumes: ["${VOLUME_STORAGE_ROOT}/other:/x"]', 'path:${VOLUME_STORAGE_ROOT}/other'],
  ['volumes: ["${VOLUME_STORAGE_ROOT}/${MINION}2:/x"]', 'path:${VOLUME_STORAGE_ROOT}/${MINION}2'],
  ['volumes: ["${VOLUME_STORAGE_ROOT}/${MINION}/../x:/x"]', 'path:${VOLUME_STORAGE_ROOT}/${MINION}/../x'],
  ['volumes: ["${VOLUME_STORAGE_ROOT:-/}/${MINION}:/x"]', 'path:${VOLUME_STORAGE_ROOT:-/}/${MINION}'],
  ['volumes: ["${VOLUME_STORAGE_ROOT}/${MINION}/${ANY}:/x"]', 'path:${VOLUME_STORAGE_ROOT}/${MINION}/${ANY}'],
  ['volumes: [{type: bind, source: /etc, target: /x}]', 'path:/etc'],
  ['volumes: [{type: "${T}", source: /etc, target: /x}]', 'path:/etc'],
  ['volumes: [{type: volume, source: /etc, target: /x}]', 'path:/etc'],
  ['volumes_from: ["container:other"]', 'volumes_from:container:other'],
  ['extends: {file: ../base.yml, service: x}', 'extends:../base.yml'],
  ['env_file: /etc/shadow', 'file:/etc/shadow'],
  ['env_file: [{path: ../x.env}]', 'file:../x.env'],
  ['label_file: ["~/x"]', 'file:~/x'],
  ['build: ..', 'build:..'],
  ['build: {context: /}', 'build:/'],
  ['build: {context: ., dockerfile: ../Dockerfile}', 'build:../Dockerfile'],
  ['build: {context: ., additional_contexts: {x: /etc}}', 'build:/etc'],
  ['build: {context: ., additional_contexts: ["x=/etc"]}', 'build:/etc'],
  ['build: {context: ., privileged: true}', 'privileged'],
  ['build: {context: ., entitlements: [security.insecure]}', 'privileged'],
  ['build: {context: ., ssh: [default]}', 'build:ssh'],
]

const allowed: string[] = [
  'privileged: false',
  'cap_drop: [ALL]\ncap_add: [CHOWN, cap_setuid]',
  'network_mode: service:db',
  'ipc: shareable',
  'security_opt: ["no-new-privileges:true"]',
  'volumes: [data:/x, /anonymous, "./conf:/c:ro", "./data:/d", ".:/t:ro"]',
  'volumes: ["${VOLUME_STORAGE_ROOT}/${MINION}:/x", "$DATABASE_STORAGE_ROOT/$MINION/db:/y"]',
  'volumes: [{type: bind, source: "${VOLUME_STORAGE_ROOT:?}/${MINION}/a", target: /x}]',
  'volumes: [{type: tmpfs, target: /x}, {type: volume, source: data, target: /y}]',
  'env_file: [./a.env, {path: b.env}]',
  'build: {context: ./src, additional_contexts: {base: "docker-image://a:1"}}',
  'build: https://git.example.org/x.git',
  'ports: ["80:80"]',
]

t.test('powers of a service', async (t) => {
  for (const [yaml, what] of refused) {
    const found = powersOf(service(yaml))
    t.equal(found[0]?.what, what, yaml)
    t.equal(found[0]?.service, 'app', yaml)
    t.ok((found[0]?.line ?? 0) >= 4, `${yaml}: line`)
  }
})

t.test('what needs no grant', async (t) => {
  for (const yaml of allowed) t.strictSame(powersOf(service(yaml)), [], yaml)
})

t.test('powers of the whole file', async (t) => {
  const top: [yaml: string, what: string | undefined][] = [
    ['include: [../other.yml]', 'include:../other.yml'],
    ['include: [{path: [a.yml]}]', 'include:a.yml'],
    ['volumes: {x: {driver_opts: {type: none, o: bind, device: /etc}}}', 'path:/etc'],
    ['volumes: {x: {driver_opts: {type: tmpfs, o: "bind,ro", device: /etc}}}', 'path:/etc:ro'],
    ['volumes: {x: {driver_opts: {type: none, o: rbind, device: ./etc}}}', 'path:/etc'],
    ['volumes: {x: {driver_opts: {type: nfs, o: "addr=1.2.3.4", device: ":/x"}}}', 'mount:nfs::/x'],
    ['volumes: {x: {driver_opts: {type: tmpfs, o: "size=1m", device: tmpfs}}}', undefined],
    ['volumes: {x: {driver_opts: {o: bind, device: "${VOLUME_STORAGE_ROOT}/${MINION}/x"}}}', undefined],
    ['volumes: {x: {external: true}}', 'volume:x'],
    ['volumes: {x: {name: theirs}}', 'volume:theirs'],
    ['volumes: {x: {name: "${MINION}_x"}}', undefined],
    ['volumes: {x: {driver: rexray}}', 'volume-driver:rexray'],
    ['networks: {x: {external: true, name: theirs}}', 'network:theirs'],
    ['networks: {x: {driver: macvlan}}', 'network-driver:macvlan'],
    ['networks: {x: {driver: bridge, internal: true}}', undefined],
    ['secrets: {x: {file: /etc/shadow}}', 'file:/etc/shadow'],
    ['secrets: {x: {file: ./x}}', undefined],
    ['configs: {x: {file: ../x}}', 'file:../x'],
    ['configs: {x: {content: hello}}', undefined],
  ]
  for (const [yaml, what] of top) {
    t.equal(powersOf(`services: {a: {image: a:1}}\n${yaml}\n`)[0]?.what, what, yaml)
  }
})

t.test('line and column, also through anchors and merge keys', async (t) => {
  const text =
    'x-base: &base\n  privileged: true\nservices:\n  a:\n    <<: *base\n  b:\n    volumes:\n      - /etc:/etc\n'
  t.strictSame(powersOf(text), [
    { what: 'privileged', service: 'a', key: 'services.a.privileged', line: 2, column: 3 },
    { what: 'path:/etc', service: 'b', key: 'services.b.volumes.0', line: 8, column: 9 },
  ])
})

t.test('a grant for writing covers reading, not the other way round', async (t) => {
  t.ok(isGranted('path:/srv:ro', ['path:/srv']))
  t.notOk(isGranted('path:/srv', ['path:/srv:ro']))
  t.notOk(isGranted('path:/srv/x', ['path:/srv']))
})
