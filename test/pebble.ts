/** A real ACME server for tests: Debian's pebble, with a DNS of its own that sends every name to this machine. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openAuthority } from '../server/certificates/authority.ts'

const PROGRAMS = ['/usr/bin/pebble', '/usr/bin/pebble-challtestsrv']

/** Why pebble tests cannot run here; scripts/test.sh installs what they need. */
export const pebbleMissing = (): string | false => {
  const missing = PROGRAMS.filter((file) => !existsSync(file))
  return missing.length > 0 && `${missing.join(' and ')} missing: apt-get install pebble`
}

export interface PebbleOptions {
  /** Where pebble looks for HTTP-01. */
  httpPort: number
  validSeconds?: number
  /** PEBBLE_… variables. */
  env?: Record<string, string>
  /** Another name server for validations than challtestsrv. */
  dnsServer?: string
  /** Another build than Debian's. */
  program?: string
  /** Further keys of its configuration. */
  config?: Record<string, unknown>
}

export async function startPebble({
  httpPort,
  validSeconds = 7 * 86_400,
  env = {},
  dnsServer,
  program = PROGRAMS[0] ?? '',
  config: more = {},
}: PebbleOptions) {
  const dir = mkdtempSync(join(tmpdir(), 'summoner-pebble-'))
  const [port, management, dns, dnsManagement] = await freePorts()
  const authority = await openAuthority({ dir: join(dir, 'ca'), used: () => false, now: () => new Date() })
  const own = await authority.issue(['localhost'])
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const caFile = file('ca.pem', authority.rootPem())
  const config = file(
    'pebble.json',
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${port}`,
        managementListenAddress: `127.0.0.1:${management}`,
        certificate: file('cert.pem', own.fullchain),
        privateKey: file('key.pem', own.privateKey),
        httpPort,
        tlsPort: 1,
        ocspResponderURL: '',
        externalAccountBindingRequired: false,
        certificateValidityPeriod: validSeconds,
        ...more,
      },
    }),
  )
  let log = ''
  const run = (argv: string[], more: Record<string, string> = {}): ChildProcess => {
    const child = spawn(argv[0] ?? '', argv.slice(1), { env: { ...process.env, ...more } })
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => (log = (log + chunk).slice(-200_000)))
    return child
  }
  const names = run(
    [PROGRAMS[1] ?? '', '-http01', '', '-https01', '', '-tlsalpn01', '', '-dns01', `127.0.0.1:${dns}`]
      .concat(['-management', `127.0.0.1:${dnsManagement}`])
      .concat(['-defaultIPv4', '127.0.0.1', '-defaultIPv6', '']),
  )
  let server: ChildProcess | undefined
  const get = (path: string, at = management) =>
    new Promise<string>((resolve, reject) => {
      const headers = { 'user-agent': 'test' }
      const sent = request({
        host: 'localhost',
        port: at,
        path,
        headers,
        ca: authority.rootPem(),
        agent: false,
      })
      sent.once('response', (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
        response.once('end', () => resolve(body))
      })
      sent.once('error', reject)
      sent.end()
    })
  const ended = async (child: ChildProcess | undefined) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }
  const pebble = {
    directory: `https://localhost:${port}/dir`,
    caFile,
    dnsServer: `127.0.0.1:${dns}`,
    log: () => log,
    /** A new one knows nothing of accounts and certificates of the last, and has another root. */
    async start() {
      server = run([program, '-config', config, '-dnsserver', dnsServer ?? `127.0.0.1:${dns}`], {
        PEBBLE_VA_NOSLEEP: '1',
        PEBBLE_WFE_NONCEREJECT: '0',
        PEBBLE_AUTHZREUSE: '0',
        ...env,
      })
      for (const deadline = Date.now() + 20_000; ; await sleep(100)) {
        if (Date.now() > deadline) throw new Error(`pebble does not answer:\n${log}`)
        if ((await get('/dir', port).catch(() => '')).includes('newOrder')) return
      }
    },
    halt: () => ended(server),
    /** PEM of the root that its certificates end in. */
    root: () => get('/roots/0'),
    /** challtestsrv: `set-txt`, `set-servfail`, `clear-txt` … */
    dns: (action: string, body: object) =>
      new Promise<void>((resolve, reject) => {
        const sent = httpRequest({
          host: '127.0.0.1',
          port: dnsManagement,
          method: 'POST',
          path: `/${action}`,
        })
        sent.once('response', (response) => {
          response.resume()
          response.once('end', resolve)
        })
        sent.once('error', reject)
        sent.end(JSON.stringify(body))
      }),
    dnsManagement,
    /** What it says of the renewal of this certificate from now on (newer builds). */
    setRenewalInfo: (certificate: string, suggestedWindow: { start: string; end: string }) =>
      new Promise<number>((resolve, reject) => {
        const options = {
          host: 'localhost',
          port: management,
          ca: authority.rootPem(),
          agent: false as const,
        }
        const sent = request({
          ...options,
          method: 'POST',
          headers: { 'user-agent': 'test' },
          path: '/set-renewal-info/',
        })
        sent.once('response', (response) => {
          response.resume()
          response.once('end', () => resolve(response.statusCode ?? 0))
        })
        sent.once('error', reject)
        sent.end(
          JSON.stringify({ Certificate: certificate, ARIResponse: JSON.stringify({ suggestedWindow }) }),
        )
      }),
    async stop() {
      await Promise.all([ended(server), ended(names)])
      rmSync(dir, { recursive: true, force: true })
    },
  }
  try {
    await pebble.start()
  } catch (error) {
    await pebble.stop()
    throw error
  }
  return pebble
}

async function freePorts(): Promise<[number, number, number, number]> {
  const servers = await Promise.all(
    Array.from(
      { length: 4 },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  for (const server of servers) server.close()
  const [a = 0, b = 0, c = 0, d = 0] = ports
  return [a, b, c, d]
}
