/** The proxy alone for a test: the real nginx image in a container of its own, with certificates, on free ports. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { type IncomingHttpHeaders, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openAuthority } from '../server/certificates/authority.ts'
import { createCertificates } from '../server/certificates/create-certificates.ts'
import { createCertificateStore } from '../server/certificates/store.ts'
import { LABEL } from '../server/docker/container.ts'
import { createEngine } from '../server/docker/engine.ts'
import { createExec } from '../server/docker/exec.ts'
import type { Event } from '../server/events/event.ts'
import { hashContext } from '../server/images/context.ts'
import { createImages } from '../server/images/create-images.ts'
import { createProbe } from '../server/proxy/probe.ts'
import { createProxy } from '../server/proxy/create-proxy.ts'
import type { Proxy, Vhost } from '../server/proxy/vhost.ts'

const CHECKOUT = resolve(import.meta.dirname, '..')
const VERSION = '1.26'
const IMAGE = `summoner/nginx-nginx:${VERSION}-${hashContext(join(CHECKOUT, 'minions/.distro/nginx'))}`

export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  body: string
}
export interface Question {
  path?: string
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  plain?: boolean
  ca?: string
  from?: string
  /** The address that it is asked from. */
  as?: string
}

export async function createProxyRig() {
  const id = randomBytes(3).toString('hex')
  const dir = mkdtempSync(join(tmpdir(), `summoner-proxy-${id}-`))
  const dirs = { proxy: join(dir, 'proxy'), certificates: join(dir, 'certificates') }
  for (const name of ['run/web', 'logs']) mkdirSync(join(dir, name), { recursive: true })
  const [http, https] = await freePorts()
  const name = `proxy-test-${id}`
  const engine = createEngine({ socketPath: '/var/run/docker.sock' })
  const network = { caBundle: '/etc/ssl/certs/ca-certificates.crt' }
  const exec = createExec({ runDir: join(dir, 'children'), network, redact: (text) => text })
  const images = createImages({
    engine,
    exec,
    network,
    minionsDir: join(CHECKOUT, 'minions'),
    scriptsDir: join(CHECKOUT, 'scripts'),
    boxId: id,
  })
  await images.ensure(
    [{ service: 'nginx', reference: IMAGE, build: { context: '../.distro/nginx', version: VERSION } }],
    join(CHECKOUT, 'minions/nginx'),
    { signal: AbortSignal.timeout(600_000), log: () => {}, progress: () => {} },
  )

  const events: { type: string; title: string; data?: unknown }[] = []
  const append = (event: { type: Event['type']; title: string; data?: Record<string, unknown> }): Event => {
    events.push(event)
    return { id: events.length, at: '', source: 'summoner', severity: 'info', data: {}, ...event }
  }
  const now = () => new Date()
  const store = createCertificateStore({ dir: dirs.certificates })
  const authority = await openAuthority({ dir: dirs.certificates, used: () => store.list().length > 0, now })
  const certificates = createCertificates({ store, authority, now, events: { append } })

  const container = async () => (await engine.listContainers({ labels: [`${LABEL.box}=${id}`] }))[0]
  const probe = createProbe({ port: http })
  /** A daemon's proxy; called again it is the next daemon on the same folders. */
  const boot = (overrides: Partial<Parameters<typeof createProxy>[0]> = {}): Proxy =>
    createProxy({
      engine,
      container,
      dirs,
      ports: { http, https, ipv6: false },
      rootPem: () => authority.rootPem(),
      probe,
      events: { append },
      ...overrides,
    })

  const start = async (): Promise<void> => {
    await exec(
      ['docker', 'run', '-d', '--name', name, '--network', 'host', '--stop-signal', 'SIGQUIT']
        .concat(['--label', `${LABEL.box}=${id}`, '--security-opt', 'no-new-privileges'])
        .concat([
          '-v',
          `${dirs.proxy}:/etc/nginx/summoner:ro`,
          '-v',
          `${dirs.certificates}:/etc/nginx/certificates:ro`,
        ])
        .concat(['-v', `${dir}/run/web:/run/summoner-web`, '-v', `${dir}/logs:/var/log/summoner`, IMAGE])
        .concat(['nginx', '-c', '/etc/nginx/summoner/current/nginx.conf', '-g', 'daemon off;']),
    )
    for (let tries = 0; (await probe.once()) === undefined; tries++) {
      if (tries > 400)
        throw new Error(`nginx did not start: ${(await exec(['docker', 'logs', name])).stderr}`)
      await new Promise((done) => setTimeout(done, 25))
    }
  }

  const vhost = async (host: string, serve: Vhost['serve'], more: Partial<Vhost> = {}): Promise<Vhost> => {
    const { certificateFile, keyFile, publiclyTrusted } = await certificates.ensure(host)
    return {
      host,
      owner: `minion:${host.split('.')[0]}`,
      serve,
      tls: { certificate: certificateFile, key: keyFile, publiclyTrusted },
      ...more,
    }
  }

  /** As a visitor: resolves the host to this machine, trusts only the internal root. */
  const ask = (host: string, question: Question = {}): Promise<Reply> =>
    new Promise((done, failed) => {
      const {
        path = '/',
        method = 'GET',
        headers = {},
        body,
        plain = false,
        ca = authority.rootPem(),
      } = question
      const options = {
        host: question.from ?? '127.0.0.1',
        path,
        method,
        agent: false,
        headers: { host, ...headers },
        ...(question.as === undefined ? {} : { localAddress: question.as }),
      }
      const sent = plain
        ? httpRequest({ ...options, port: http })
        : httpsRequest({ ...options, port: https, servername: host, ca })
      sent.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('end', () =>
          done({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        )
        response.on('error', failed)
      })
      sent.on('error', failed)
      sent.end(body)
    })

  return {
    id,
    dir,
    dirs,
    name,
    http,
    https,
    engine,
    exec,
    events,
    certificates,
    authority,
    probe,
    boot,
    start,
    vhost,
    ask,
    logs: async () => (await exec(['docker', 'logs', name])).stderr,
    async remove() {
      await exec(['docker', 'rm', '-f', name], { ok: [0, 1] })
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
export type ProxyRig = Awaited<ReturnType<typeof createProxyRig>>

export const upstream = (server: string | string[], more: Partial<UpstreamServe> = {}): UpstreamServe => ({
  kind: 'upstream',
  servers: [server].flat(),
  protocol: 'http',
  maxBody: '1m',
  websocket: false,
  buffering: true,
  timeoutSeconds: 30,
  paths: [],
  ...more,
})
type UpstreamServe = Extract<Vhost['serve'], { kind: 'upstream' }>

async function freePorts(): Promise<[number, number]> {
  const servers = await Promise.all([listening(), listening()])
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  for (const server of servers) server.close()
  return [ports[0] ?? 0, ports[1] ?? 0]
}

function listening(): Promise<ReturnType<typeof createServer>> {
  return new Promise((done) => {
    const server = createServer().listen(0, '0.0.0.0', () => done(server))
  })
}
