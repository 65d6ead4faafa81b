/** What `render` writes, judged by the real `docker compose` and the real engine. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import * as compose from '../server/docker/compose.ts'
import { createCatalog } from '../server/templates/catalog.ts'
import { writeDotenv } from '../server/templates/dotenv.ts'
import { createFolders } from '../server/templates/create-folders.ts'
import { readKept } from '../server/templates/read-instance.ts'
import { writeInstance } from '../server/templates/write-instance.ts'
import { networkKeys, prefixOf } from '../server/templates/networks.ts'
import type { Instance } from '../server/templates/rendered.ts'
import { render } from '../server/templates/render.ts'
import { nextSubnets } from '../server/templates/subnets.ts'
import type { ComposeFile } from '../server/templates/template.ts'
import { composeText, renderInput, template } from '../server/templates/two-services.fixture.ts'

const run = (argv: readonly string[], env: Record<string, string> = {}) =>
  execFileSync(argv[0] ?? '', argv.slice(1), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/root', ...env },
  })

interface ConfiguredService {
  container_name?: string
  environment?: Record<string, string>
  ports?: { host_ip?: string; published?: string }[]
  networks?: Record<string, { ipv4_address?: string } | null>
  labels?: Record<string, string>
  image?: string
  restart?: string
  security_opt?: string[]
  mem_limit?: string
  extra_hosts?: string[]
  build?: { labels?: Record<string, string> }
  deploy?: { resources?: { limits?: Record<string, unknown> } }
}
interface Configured {
  services: Record<string, ConfiguredService>
  networks?: Record<string, { ipam?: { config?: { subnet: string; gateway: string; ip_range: string }[] } }>
}

t.test('compose reads every value of `.env` back literally', async (t) => {
  const parts = [
    "'",
    '"',
    '\\',
    '$',
    '{',
    '}',
    '\n',
    '\r',
    '#',
    '=',
    ' ',
    '\t',
    '`',
    'é',
    '😀',
    'export A=1',
    ':',
    '\u2028',
    '\\n',
    '%',
  ]
  let seed = 20
  const next = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff)
  const env: Record<string, string> = {}
  for (let index = 0; index < 500; index++) {
    env[`K${index}`] = Array.from({ length: next() % 9 }, () => parts[(next() >> 8) % parts.length]).join('')
  }
  const environment = Object.keys(env).map((key) => `      ${key}: "\${${key}}"\n`)
  const dir = t.testdir({
    'compose.yml': `services:\n  a:\n    image: a:1\n    environment:\n${environment.join('')}`,
    'compose.override.yml': 'services: {}\n',
    '.env': writeDotenv(env, 'test'),
  })
  const read = JSON.parse(run(compose.config({ project: 'x', dir }))) as Configured
  const found = read.services['a']?.environment ?? {}
  for (const [key, value] of Object.entries(env)) {
    if (found[key]?.replaceAll('$$', '$') !== value) t.equal(found[key], value, key)
  }
  t.equal(Object.keys(found).length, 500)
})

function configured(
  t: { testdir(content: Record<string, string>): string },
  text: string,
  change = {},
  images: Instance['images'] = 'registry',
) {
  const of = { ...template(parse(text) as ComposeFile, change), composeText: text }
  const input = renderInput(of, { application: { grants: ['network:host'] } })
  const instance = {
    ...input.instance,
    images,
    subnets: nextSubnets('10.213.0.0/16', prefixOf(of), [], networkKeys(of)),
  }
  const rendered = render({ ...input, instance })
  const dir = t.testdir({
    'compose.yml': text,
    'compose.override.yml': rendered.override,
    '.env': rendered.dotenv,
    'extra.env': 'A=1\n',
  })
  return { rendered, read: JSON.parse(run(compose.config({ project: rendered.project, dir }))) as Configured }
}

t.test('the two-service template, as compose understands both files', async (t) => {
  const { read } = configured(t, composeText)
  t.strictSame(
    read.services['blog']?.ports?.map((port) => [port.host_ip, port.published]),
    [['127.0.0.1', '8025']],
  )
  t.equal(read.services['blog']?.container_name, 'blog-example.org')
  t.equal(read.services['db']?.container_name, 'mariadb-blog-example.org')
  t.equal(read.services['blog']?.networks?.['default']?.ipv4_address, '10.213.0.18')
  t.strictSame(read.networks?.['default']?.ipam?.config, [
    { subnet: '10.213.0.16/28', gateway: '10.213.0.17', ip_range: '10.213.0.24/29' },
  ])
  t.equal(read.services['db']?.restart, 'unless-stopped')
  t.equal(read.services['migrate']?.restart, undefined)
  t.match(read.services['migrate']?.deploy?.resources?.limits, {
    memory: String(128 * 1024 * 1024),
    pids: 50,
  })
  t.equal(read.services['blog']?.mem_limit, String(256 * 1024 * 1024))
})

t.test('distribution builds', async (t) => {
  const { read } = configured(t, composeText, {}, 'distro')
  t.match(read.services['blog'], { image: 'summoner/my-blog-blog:5.1.0-0123456789ab', pull_policy: 'never' })
})

t.test('other shapes of compose files merge with the override', async (t) => {
  const shapes: [what: string, text: string][] = [
    [
      'own ipam and address',
      'services:\n  blog: {image: "blog:1", networks: {front: {ipv4_address: 10.9.0.5, aliases: [x]}}}\nnetworks:\n  front: {ipam: {driver: default, config: [{subnet: 10.9.0.0/24}]}}\n',
    ],
    [
      'lists everywhere',
      'services:\n  blog:\n    image: "blog:1"\n    labels: ["a=b"]\n    environment: ["A=1"]\n    security_opt: ["no-new-privileges:true"]\n    extra_hosts: ["x:1.2.3.4"]\n    networks: [default, two]\nnetworks: {two: }\n',
    ],
    ['host networking', 'services:\n  blog: {image: "blog:1", network_mode: host}\n'],
    [
      'network of another service',
      'services:\n  net: {image: "blog:1"}\n  blog: {image: "blog:1", network_mode: "service:net"}\n',
    ],
    ['build, short', 'services:\n  blog: {build: .}\n'],
    ['build, long', 'services:\n  blog: {build: {context: ., labels: ["a=b"]}, image: mine}\n'],
    [
      'replicas',
      'services:\n  blog: {image: "blog:1"}\n  worker: {image: "w:1", deploy: {replicas: 3, resources: {reservations: {memory: 8M}}}}\n',
    ],
    [
      'named volumes, profiles, env_file',
      'services:\n  blog: {image: "blog:1", env_file: extra.env, volumes: ["v:/v"]}\n  tool: {image: "t:1", profiles: [tools]}\nvolumes: {v: }\n',
    ],
    [
      'own logging and limits',
      'services:\n  blog: {image: "blog:1", mem_limit: 1g, cpus: "2", pids_limit: 7, logging: {driver: syslog, options: {tag: x}}}\n',
    ],
  ]
  for (const [what, text] of shapes) {
    const change = { images: {}, data: [], dumps: [], resources: { memory: 64, cpus: 1, pids: 9, disk: 1 } }
    const { read, rendered } = configured(t, text, change)
    t.ok(read.services['blog']?.labels?.['io.summoner.config-hash'], what)
    if (what.startsWith('own ipam')) {
      t.equal(
        read.services['blog']?.networks?.['front']?.ipv4_address,
        rendered.web[0]?.upstream.split(':')[0],
      )
      t.equal(read.networks?.['front']?.ipam?.config?.length, 1)
    }
    if (what.startsWith('build')) t.equal(read.services['blog']?.build?.labels?.['io.summoner.box'], 'box1')
    if (what === 'lists everywhere')
      t.strictSame(read.services['blog']?.security_opt, ['no-new-privileges:true'])
    if (what === 'replicas') t.equal(read.services['worker']?.container_name, undefined)
  }
})

t.test('a minion really runs as rendered', async (t) => {
  const id = `rt${randomBytes(3).toString('hex')}`
  const image = `summoner-render-test-${id}`
  const programs = ['/bin/sh', '/bin/sleep', '/bin/cat', '/usr/bin/id']
  const libraries = [...run(['ldd', ...programs]).matchAll(/(\/lib\S+)/g)].map((match) => match[1] ?? '')
  const root = t.testdir({
    minions: { probe: { setup: { 'hello.sh': 'echo "$TITLE"; exec sleep 600\n' } } },
    root: {},
    data: {},
    instances: {},
  })
  run([
    'tar',
    '-chf',
    join(root, 'root.tar'),
    '-C',
    '/',
    ...new Set([...programs, ...libraries].map((path) => path.slice(1))),
  ])
  run([
    'docker',
    'import',
    '--change',
    `LABEL io.summoner.box=${id}`,
    join(root, 'root.tar'),
    `${image}:1.0.0`,
  ])

  writeFileSync(
    join(root, 'minions/probe/minion.yml'),
    `name: probe
summary: {en: Probe, fr: Sonde}
category: test
revision: 1
images:
  web: {repository: ${image}, tag: 1.0.0, pattern: '^1', variable: PROBE_VERSION}
  db: {repository: ${image}, tag: 1.0.0, pattern: '^1', variable: PROBE_VERSION}
  once: {repository: ${image}, tag: 1.0.0, pattern: '^1', variable: PROBE_VERSION}
inputs:
  - {id: TITLE, type: text, label: {en: Title, fr: Titre}, default: plain}
  - {id: SECRET, type: password, label: {en: Secret, fr: Secret}, generate: {length: 20}}
web: [{service: web, port: 80}]
health: {oneshot: [once]}
data: [{service: db, path: "\${DATABASE_STORAGE_ROOT}/\${MINION}/db", kind: database, owner: '999:999', mode: '0700'}]
dumps: [{service: db, engine: mariadb, database: a, user: b, password_env: SECRET}]
resources: {memory: 64, disk: 1, services: {web: {memory: 32, cpus: 0.5, pids: 20}}}
`,
  )
  writeFileSync(
    join(root, 'minions/probe/compose.yml'),
    `services:
  web:
    image: ${image}:\${PROBE_VERSION}
    command: ["sh", "/summoner/hello.sh"]
    user: "1234:1234"
    environment: {TITLE: "\${TITLE}", SECRET: "\${SECRET}"}
    ports: ["80:80"]
    volumes: ["./setup:/summoner:ro"]
  db:
    image: ${image}:\${PROBE_VERSION}
    command: ["sleep", "600"]
    networks: [default, back]
    volumes: ["\${DATABASE_STORAGE_ROOT}/\${MINION}/db:/data"]
  once:
    image: ${image}:\${PROBE_VERSION}
    command: ["sh", "-c", "exit 0"]
    restart: always
networks: {back: {internal: true}}
`,
  )
  chmodSync(join(root, 'minions/probe/setup/hello.sh'), 0o600)
  mkdirSync(join(root, 'closed'), { mode: 0o700 })
  const dir = join(root, 'instances', id)
  const catalog = createCatalog({ minionsDir: join(root, 'minions'), hashContext: () => '' })
  t.strictSame(catalog.broken(), [])
  const probe = catalog.get('probe')
  const taken = run(['docker', 'network', 'ls', '--format', '{{.ID}}'])
    .trim()
    .split('\n')
    .flatMap((network) =>
      run(['docker', 'network', 'inspect', '--format', '{{range .IPAM.Config}}{{.Subnet}} {{end}}', network])
        .trim()
        .split(' '),
    )
  const subnets = nextSubnets('10.251.0.0/16', prefixOf(probe), taken, networkKeys(probe))
  const write = async (title: string) => {
    const input = renderInput(probe, {
      application: { name: id, template: 'probe', subdomain: id, env: { TITLE: title } },
      box: { id, domain: 'render.test', vsroot: join(root, 'data'), dbsroot: join(root, 'data/database') },
      instance: { template: 'probe', revision: 1, images: 'registry', subnets, createdAt: '' },
      kept: readKept(dir),
    })
    const rendered = render(input)
    await createFolders(rendered.folders)
    const changed = await writeInstance({ dir, template: probe, rendered, instance: input.instance })
    return { rendered, changed }
  }
  const title = `it's "$HOME" \${PATH} \\ #x\nEVIL=1`
  const { rendered } = await write(title)
  const project = { project: rendered.project, dir }
  // Not in a teardown: the test folder with its compose files is gone by then.
  try {
    run(compose.up(project))

    const inspect = (name: string) =>
      (
        JSON.parse(run(['docker', 'inspect', name])) as {
          Id: string
          Config: { Env: string[]; Labels: Record<string, string> }
          State: { ExitCode: number; Running: boolean }
          NetworkSettings: { Networks: Record<string, { IPAddress: string }>; Ports: Record<string, unknown> }
          HostConfig: Record<string, unknown>
        }[]
      )[0]
    const web = inspect(`${id}-render.test`)
    t.equal(`${web?.NetworkSettings.Networks[`${id}_default`]?.IPAddress}:80`, rendered.web[0]?.upstream)
    t.ok(web?.Config.Env.includes(`TITLE=${title}`), 'the value arrives literally')
    t.notOk(web?.Config.Env.some((line) => line.startsWith('EVIL')))
    t.match(web?.Config.Labels, {
      'io.summoner.box': id,
      'io.summoner.minion': id,
      'io.summoner.template': 'probe',
      'io.summoner.config-hash': rendered.hash,
    })
    t.match(web?.HostConfig, {
      RestartPolicy: { Name: 'unless-stopped' },
      SecurityOpt: ['no-new-privileges:true'],
      Memory: 32 * 1024 * 1024,
      NanoCpus: 500_000_000,
      PidsLimit: 20,
      PortBindings: {},
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    })
    t.ok(web?.State.Running, 'a script that only root could read runs as user 1234 from the closed folder')
    t.match(run(['docker', 'logs', `${id}-render.test`]), 'it\'s "$HOME"')
    const hosts = run(['docker', 'exec', `${id}-render.test`, 'cat', '/etc/hosts'])
    t.match(hosts, new RegExp(`${id}\\.render\\.test`))
    t.match(hosts, /hooks\.render\.test/)
    const once = inspect(`once-${id}-render.test`)
    t.match(once?.HostConfig, { RestartPolicy: { Name: 'no' } })
    const db = inspect(`mariadb-${id}-render.test`)
    t.equal(Object.keys(db?.NetworkSettings.Networks ?? {}).length, 2)

    t.equal((await write(title)).changed, false, 'nothing to write a second time')
    run(compose.up(project))
    t.equal(inspect(`${id}-render.test`)?.Id, web?.Id, 'nothing to recreate either')
    t.equal((await write('other')).changed, true)
    run(compose.up(project))
    t.not(inspect(`${id}-render.test`)?.Id, web?.Id)
    t.equal(readKept(dir)['SECRET'], rendered.env['SECRET'])
    t.match(readFileSync(join(dir, 'compose.yml'), 'utf8'), /hello\.sh/)
  } finally {
    run(compose.down(project, 1))
    run(['docker', 'rmi', '--force', `${image}:1.0.0`])
  }
})
