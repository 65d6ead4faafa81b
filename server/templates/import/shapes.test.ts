/** Whatever somebody wrote: an answer with places, never an exception, never a template that does not fit. */
import t from 'tap'
import { stringify } from 'yaml'
import { imported, summonable } from './summonable.fixture.ts'

const SEED = 20_261_121
const ROUNDS = 800

const random = mulberry32(SEED)
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
const times = (limit: number) => Array.from({ length: Math.floor(random() * limit) })

const KEYS =
  `image build environment env_file volumes ports expose networks links depends_on secrets configs deploy labels
  profiles command entrypoint healthcheck tmpfs ulimits sysctls cap_add devices privileged network_mode security_opt user
  restart extends volumes_from logging extra_hosts mem_limit container_name gpus post_start x-a toString`.split(
    /\s+/,
  )
const INNER =
  `context dockerfile args source target type test resources limits memory file external driver driver_opts
  device o path condition aliases content reservations published protocol hasOwnProperty`.split(/\s+/)
const TEXTS = [
  '',
  'a',
  'a:1',
  'postgres',
  '${X}',
  '${X:-/etc}',
  '$5',
  '${',
  '<v>',
  '/var/run/docker.sock:/s',
  '../x:/y',
  './a:/b',
  'v:/w:ro',
  '80:80',
  '443',
  'x/udp',
  'A=b',
  'PASSWORD=secretsecret',
  '__proto__=x',
  '${A:-${B:-c}}',
  '$$',
  'true',
  'host',
  'service:a',
  '__proto__',
  '${__proto__}',
  'constructor',
  'http://u:p%@h/',
  '~',
  '-1',
  '[',
  'é',
  'a\nb',
  'none',
  '${VOLUME_STORAGE_ROOT}/x:/z',
  '${PWD}:/q',
  '8000-8010:8000-8010',
  'redis://:pw@h',
  '--requirepass pw12345 -ppw12345',
]

function value(depth = 0): unknown {
  const kind = random()
  if (depth > 3 || kind < 0.45) return pick<unknown>([...TEXTS, null, true, false, 0, 1, 80, 1.5, -3])
  if (kind < 0.7) return times(4).map(() => value(depth + 1))
  return Object.fromEntries(times(4).map(() => [pick([...KEYS, ...INNER]), value(depth + 1)]))
}

/** What a key usually holds, so that some files get through. */
const USUAL: Record<string, unknown[]> = {
  environment: [
    { A: 'b', DB_PASSWORD: 'hunter22' },
    ['X', 'Y=${Y:-1}', 'URL=http://u:hunter22@db/x'],
    { N: 8.1, EMPTY: null },
  ],
  env_file: ['.env', ['none.env'], [{ path: './.env', required: false }]],
  volumes: [
    ['v:/v'],
    ['./a:/a:ro', '/anonymous'],
    [{ type: 'volume', source: 'v', target: '/w' }],
    ['.:/src', 'v:/data'],
  ],
  ports: [['80:80'], ['127.0.0.1:81:8080', 443], [{ target: 3000 }]],
  expose: [[80], ['9000/tcp']],
  command: ['run --password pw12345', ['run', '$$x']],
  healthcheck: [{ test: 'true' }, { disable: true }],
  labels: [['a=b'], { 'traefik.enable': 'true' }],
  depends_on: [[], {}],
  deploy: [{ resources: { limits: { memory: '64M' } } }, { replicas: 2 }],
  user: ['1000', '5:6'],
  privileged: [true],
  network_mode: ['host', 'bridge'],
  networks: [['default'], { default: { aliases: ['x'] } }],
  build: ['.', { context: '.', args: { A: '${A}' } }],
  restart: ['always'],
}
const entry = (key: string) => [key, fitting(key)]
const fitting = (key: string) =>
  random() < 0.8 && Object.hasOwn(USUAL, key) ? pick(USUAL[key] ?? []) : value()

function file(): string {
  const service = () =>
    random() < 0.05
      ? value()
      : {
          image: random() < 0.8 ? pick(['a:1', 'redis', 'postgres:16', 'ghost']) : pick(TEXTS),
          ...Object.fromEntries(
            times(5).map(() => entry(random() < 0.9 ? pick(Object.keys(USUAL)) : pick(KEYS))),
          ),
        }
  const services = Object.fromEntries(
    [0, ...times(3)].map(() => [pick(['a', 'b', 'db', 'web', 'a_b', 'toString']), service()]),
  )
  if (random() < 0.3) return stringify(random() < 0.5 ? services : { services })
  const more = { volumes: value(), networks: value(), secrets: value(), configs: value() }
  return stringify({ services, ...(random() < 0.2 ? more : {}) })
}

t.test(`${ROUNDS} files, seed ${SEED}`, async (t) => {
  let good = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const text = file()
    const answers =
      random() < 0.3
        ? { web: pick(TEXTS), 'tag:a': pick(TEXTS), 'image:a': pick(TEXTS), 'env:a': pick(TEXTS) }
        : {}
    const grants = random() < 0.2 ? ['privileged', 'network:host', 'docker.sock'] : []
    try {
      const files = { 'compose.yml': text, Dockerfile: 'FROM x', '.env': 'X=1\n__proto__=2', a: '1' }
      const report = imported(files, { answers, grants })
      const places = [...report.changes, ...report.refusals, ...report.questions]
      if (places.some(({ path, line, column }) => !path || !line || !column))
        throw new Error('without a place')
      if (report.ok && report.refusals.length > 0) throw new Error('ok and refused')
      if (!report.ok) continue
      good += 1
      const required = [...(report.files['minion.yml'] ?? '').matchAll(/^ {2}- id: "?(\w+)"?$/gm)].map(
        ([, id = '']) => id,
      )
      summonable(report, { grants, env: Object.fromEntries(required.map((id) => [id, 'given'])) })
    } catch (error) {
      t.fail(`${text}\n${error instanceof Error ? error.stack : String(error)}`)
      return
    }
  }
  t.ok(good > ROUNDS / 20, `${good} became templates`)
})

function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
