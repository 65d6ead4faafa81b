/** A whole box for a test: a daemon of its own, on the real engine, with its own names, ports, subnets and folder. */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createEngine } from '../server/docker/engine.ts'
import { LABEL } from '../server/docker/container.ts'
import type { Job } from '../server/jobs/job.ts'
import type { Minion } from '../server/minions/minion.ts'

const LOG_LIMIT = 8 * 1024 * 1024
const CHECKOUT = resolve(import.meta.dirname, '..')
const hostEngine = createEngine({ socketPath: '/var/run/docker.sock' })
export { hostEngine as engine }

export interface Answer<T = unknown> {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: T
}

interface Said {
  code: number
  stdout: string
  stderr: string
}

export interface Box {
  dir: string
  data: string
  domain: string
  configFile: string
  httpPort: number
  httpsPort: number
  /** A name that no other test uses: `name('web')`. */
  name(base: string): string
  api<T = never>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>
  /** Sends, then waits until the job has ended. */
  run(method: string, path: string, body?: unknown): Promise<Job>
  ended(jobId: string, withinMs?: number): Promise<Job>
  minion(name: string): Promise<Minion>
  /** Through nginx, as a visitor, trusting the internal root. */
  visit(
    host: string,
    path?: string,
    options?: { plain?: boolean; headers?: Record<string, string> },
  ): Promise<Answer<string>>
  apply(): Promise<Job[]>
  cli(args: string[], input?: string): Promise<Said>
  /** Another program of the checkout, in the environment of the box. */
  script(file: string, args: string[], env?: Record<string, string>, input?: string): Promise<Said>
  pid(): number
  /** What the daemon has said since it was booted. */
  log(): string
  boxId(): string
  /** Adds lines below `summoner:`, before the daemon reads them. */
  configure(lines: string): void
  boot(env?: Record<string, string>): Promise<void>
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Daemon, containers, networks and folder; only what carries this box's label. */
  remove(): Promise<void>
}

export interface BoxOptions {
  /** Below `summoner:`; domain, subnets and folders are set. */
  config?: string
  /** Of `test/templates`, put beside the catalogue's own. */
  templates?: string[]
  /** Of the catalogue, beside the default kit. */
  catalogue?: string[]
  /** Default true: boot the daemon. */
  boot?: boolean
  /** Another engine than the host's own. */
  engineSocket?: string
  /** Where its folder is made; a test may want a disk of its own. */
  parent?: string
}

export async function createBox({
  config = '  applications: []\n',
  templates = ['hello'],
  catalogue = [],
  boot = true,
  engineSocket,
  parent = tmpdir(),
}: BoxOptions = {}): Promise<Box> {
  const engine = engineSocket ? createEngine({ socketPath: engineSocket }) : hostEngine
  const id = randomBytes(3).toString('hex')
  const dir = mkdtempSync(join(parent, `summoner-${id}-`))
  const data = join(dir, 'data')
  const domain = `t${id}.test`
  const configFile = join(dir, 'config.yml')
  const [httpPort, httpsPort] = await freePorts()
  const minionsDir = join(dir, 'minions')
  mkdirSync(minionsDir)
  for (const name of ['nginx', 'statik', 'wordpress', 'ghost', '.distro', ...catalogue])
    if (existsSync(join(CHECKOUT, 'minions', name)))
      cpSync(join(CHECKOUT, 'minions', name), join(minionsDir, name), { recursive: true })
  for (const name of templates)
    cpSync(join(CHECKOUT, 'test/templates', name), join(minionsDir, name), { recursive: true })
  const third = Number.parseInt(id.slice(0, 2), 16) & 0xf0
  writeFileSync(
    configFile,
    `summoner:\n  domain: ${domain}\n  email: ops@${domain}\n  vsroot: ${data}/volumes\n  dbsroot: ${data}/volumes/database\n  images: distro\n  subnets: 10.${210 + (Number.parseInt(id.slice(2, 3), 16) % 16)}.${third}.0/20\n${config}`,
  )

  let child: ChildProcess | undefined
  let log = ''
  const socketPath = join(data, 'run/admin/api.sock')
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    SUMMONER_SETTINGS: '/dev/null',
    SUMMONER_HOME: CHECKOUT,
    SUMMONER_CONFIG_FILE: configFile,
    SUMMONER_DATA_DIR: data,
    MINIONS_DIR: minionsDir,
    SUMMONER_HTTP_PORT: String(httpPort),
    SUMMONER_HTTPS_PORT: String(httpsPort),
    SUMMONER_PROJECT_PREFIX: `t${id}-`,
    NODE_EXTRA_CA_CERTS: process.env['NODE_EXTRA_CA_CERTS'] ?? '',
    // as the service and the command have it
    NODE_COMPILE_CACHE: join(CHECKOUT, '.runtime/compile-cache'),
    ...(engineSocket ? { DOCKER_HOST: `unix://${engineSocket}` } : {}),
  }

  const api = <T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const sent = request({
        socketPath,
        method,
        path: `/api/v1${path}`,
        // a test may be busy for longer than the daemon keeps a connection that nobody uses
        agent: false,
        headers: {
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...headers,
        },
      })
      sent.once('response', (response) => {
        let all = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (all += chunk))
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed(all) as T }),
        )
        response.once('error', reject)
      })
      sent.once('error', reject)
      sent.end(text)
    })

  const script: Box['script'] = (file, args, env = {}, input = '') =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(CHECKOUT, file), ...args], {
        env: { ...environment, ...env },
      })
      const output = { stdout: '', stderr: '' }
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output.stdout += chunk))
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output.stderr += chunk))
      child.once('error', reject)
      child.once('close', (code) => resolve({ code: code ?? -1, ...output }))
      child.stdin.end(input)
    })

  const box: Box = {
    dir,
    data,
    domain,
    configFile,
    httpPort,
    httpsPort,
    name: (base) => `${base}-${id}`,
    api,
    async run(method, path, body) {
      const { status, body: answer } = await api<{ job: Job }>(method, path, body)
      if (status !== 202) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(answer)}`)
      return box.ended(answer.job.id)
    },
    async ended(jobId, withinMs = 600_000) {
      for (const deadline = Date.now() + withinMs; ;) {
        const { body } = await api<Job>('GET', `/jobs/${jobId}`)
        if (!['queued', 'running'].includes(body.state)) return body
        if (Date.now() > deadline) throw new Error(`job ${jobId} did not end: ${JSON.stringify(body)}`)
        await sleep(100)
      }
    },
    async minion(name) {
      const { status, body } = await api<Minion>('GET', `/minions/${name}`)
      if (status !== 200) throw new Error(`${name}: ${JSON.stringify(body)}`)
      return body
    },
    visit: (host, path = '/', { plain = false, headers = {} } = {}) =>
      new Promise((resolve, reject) => {
        const options = {
          host: '127.0.0.1',
          path,
          headers: { host, ...headers },
          agent: false as const,
          timeout: 10_000,
        }
        const ca = existsSync(rootFile(data)) ? readFileSync(rootFile(data), 'utf8') : undefined
        const sent = plain
          ? request({ ...options, port: httpPort })
          : tlsRequest({ ...options, port: httpsPort, servername: host, ...(ca ? { ca } : {}) })
        sent.once('response', (response) => {
          let all = ''
          response.setEncoding('utf8').on('data', (chunk: string) => (all += chunk))
          response.once('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: all }),
          )
        })
        sent.once('timeout', () => sent.destroy(new Error('timeout')))
        sent.once('error', reject)
        sent.end()
      }),
    async apply() {
      const { status, body } = await api<{ jobs: Job[] }>('POST', '/config/apply', { yes: true })
      if (status !== 202) throw new Error(`apply answered ${status}: ${JSON.stringify(body)}`)
      return Promise.all(body.jobs.map(({ id }) => box.ended(id)))
    },
    cli: (args, input = '') => script('server/cli/main.ts', args, {}, input),
    script,
    pid: () => child?.pid ?? 0,
    log: () => log,
    boxId: () => readFileSync(join(data, 'state/box-id'), 'utf8').trim(),
    configure: (lines) => appendFileSync(configFile, lines),
    async boot(env = {}) {
      log = ''
      child = spawn(process.execPath, [join(CHECKOUT, 'server/main.ts')], {
        env: { ...environment, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const started = child
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (chunk: string) => (log = (log + chunk).slice(-LOG_LIMIT)))
      for (const deadline = Date.now() + 30_000; ; await sleep(50)) {
        if (started.exitCode !== null)
          throw new Error(`the daemon ended with ${started.exitCode}:\n${log.slice(-20_000)}`)
        if (Date.now() > deadline) throw new Error(`the daemon does not answer:\n${log.slice(-20_000)}`)
        const answer = await api('GET', '/health').catch(() => undefined)
        if (answer?.status === 200) return
      }
    },
    async kill(signal = 'SIGKILL') {
      const running = child
      if (!running || running.exitCode !== null || running.signalCode !== null) return
      const gone = new Promise((resolve) => running.once('exit', resolve))
      running.kill(signal)
      await gone
    },
    async remove() {
      await box.kill('SIGTERM')
      if (existsSync(join(data, 'state/box-id'))) {
        const label = `${LABEL.box}=${box.boxId()}`
        for (const container of await engine.listContainers({ labels: [label] }))
          await engine.remove(container.id)
        for (const network of await engine.listNetworks())
          if (network.name.startsWith(`t${id}-`)) await engine.removeNetwork(network.id)
      }
      rmSync(dir, { recursive: true, force: true })
    },
  }
  if (boot) await box.boot()
  return box
}

const rootFile = (data: string) => join(data, 'certificates/internal/root.pem')

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

async function freePorts(): Promise<[number, number]> {
  const take = () =>
    new Promise<number>((resolve, reject) => {
      const server = createServer().once('error', reject)
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
      })
    })
  return [await take(), await take()]
}
