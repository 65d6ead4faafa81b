/** Reloads of nginx under load: what visitors lose, against restarting it as a person might. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createProxyRig, upstream, type ProxyRig } from '../test/proxy-rig.ts'
import type { Figure } from './figure.ts'
import type { ConnectInput, ConnectOutput } from './load/connect.ts'
import { within } from './own-box.ts'
import { load, program } from './program.ts'

const CONNECTIONS = 100_000
/** Of these; the rest comes over plain HTTP. */
const SECURE = 10_000
const RELOAD_EVERY_MS = 250
const IN_FLIGHT = 20
const SLOW_PARTS = 30
const SLOW_PAUSE_MS = 100
const RESTARTS = 3

export const reload: Figure = {
  name: 'reload',
  title: 'Reloads under load',
  rounds: 1,
  run: ({ scale, say }) =>
    within(createProxyRig, async (rig) => {
      const app = createServer((request, response) => {
        if (request.url === '/slow') void answerSlowly(response)
        else response.end('quick')
      })
      await once(app.listen(0, '127.0.0.1'), 'listening')
      try {
        const { port } = app.address() as AddressInfo
        const vhost = await rig.vhost('site.bench.test', upstream(`127.0.0.1:${port}`))
        await rig.boot().prepare([vhost])
        await rig.start()
        const container = (await program('docker', ['inspect', '-f', '{{.Id}}', rig.name])).trim()

        const quiet = await visitors(rig, 0.1 * scale)
        say(`without reloads: ${speed(quiet)} connections/s`)

        const work = new AbortController()
        const flights = Array.from({ length: IN_FLIGHT }, () => fly(rig, work.signal))
        const reloading = reloadAgainAndAgain(rig, container, work.signal)
        const busy = await visitors(rig, scale)
        work.abort()
        const { reloads, seconds } = await reloading
        const flown = (await Promise.all(flights)).flat()
        const broken = flown.filter((body) => body !== 'part\n'.repeat(SLOW_PARTS))
        say(
          `${reloads} reloads in ${seconds.toFixed(1)} s: ${speed(busy)} connections/s, ${lostOf(busy)} lost, ${broken.length} of ${flown.length} in flight broken`,
        )

        const restarting = (async () => {
          for (let restart = 0; restart < RESTARTS; restart++) {
            await sleep(500)
            await program('docker', ['restart', rig.name])
          }
        })()
        const restarted = await visitors(rig, 0.1 * scale, restarting)
        await restarting
        say(`restarted ${RESTARTS} times instead: ${lostOf(restarted)} lost`)
        const complaints = [...busy].flatMap(({ lost }) =>
          Object.entries(lost).map(([why, count]) => `${count} x ${why}`),
        )
        return {
          measures: [
            { what: 'fresh connections lost', value: lostOf(busy), unit: 'count', atMost: 0 },
            { what: 'requests in flight broken', value: broken.length, unit: 'count', atMost: 0 },
            { what: 'fresh connections answered', value: answeredOf(busy), unit: 'count' },
            {
              what: 'slow requests in flight, each over several reloads',
              value: flown.length,
              unit: 'count',
            },
            { what: 'reloads in 10 s', value: (reloads / seconds) * 10, unit: 'count' },
            {
              what: 'connections a second with reloads / without',
              value: speed(busy) / speed(quiet),
              unit: 'x',
            },
            {
              what: `lost when nginx is restarted ${RESTARTS} times by hand, of ${(answeredOf(restarted) + lostOf(restarted)).toLocaleString('en')}`,
              value: lostOf(restarted),
              unit: 'count',
            },
          ],
          notes: [
            `The proxy's own nginx image and configuration; a reload every ${RELOAD_EVERY_MS} ms as long as the load lasts: ${reloads} in ${seconds.toFixed(1)} s.`,
            `${SECURE.toLocaleString('en')} of the connections over HTTPS to an application, the others over plain HTTP to nginx; each is new, asks once and must be answered in full.`,
            `${IN_FLIGHT} requests at a time take ${(SLOW_PARTS * SLOW_PAUSE_MS) / 1000} s each; their whole body is compared.`,
            ...(complaints.length > 0 ? [`Lost: ${complaints.join(', ')}.`] : []),
          ],
        }
      } finally {
        app.close()
        app.closeAllConnections()
      }
    }),
}

async function answerSlowly(response: ServerResponse): Promise<void> {
  for (let part = 0; part < SLOW_PARTS; part++) {
    response.write('part\n')
    await sleep(SLOW_PAUSE_MS)
  }
  response.end()
}

/** Plain and secure ones together; again and again as long as `during` lasts. */
async function visitors(rig: ProxyRig, scale: number, during?: Promise<unknown>): Promise<ConnectOutput[]> {
  let lasting = during !== undefined
  void during?.finally(() => (lasting = false)).catch(() => undefined)
  const outputs: ConnectOutput[] = []
  const file = join(import.meta.dirname, 'load/connect.ts')
  const host = 'site.bench.test'
  do {
    outputs.push(
      ...(await Promise.all([
        load<ConnectOutput>(file, {
          connections: Math.ceil((CONNECTIONS - SECURE) * scale),
          atOnce: 64,
          port: rig.http,
          host,
          expected: 'HTTP/1.1 301',
        } satisfies ConnectInput),
        load<ConnectOutput>(file, {
          connections: Math.ceil(SECURE * scale),
          atOnce: 8,
          port: rig.https,
          host,
          ca: rig.authority.rootPem(),
          expected: 'HTTP/1.1 200',
        } satisfies ConnectInput),
      ])),
    )
  } while (lasting)
  return outputs
}

async function reloadAgainAndAgain(
  rig: ProxyRig,
  container: string,
  signal: AbortSignal,
): Promise<{ reloads: number; seconds: number }> {
  const started = performance.now()
  let reloads = 0
  while (!signal.aborted) {
    await rig.engine.kill(container, 'SIGHUP')
    reloads++
    const next = started + reloads * RELOAD_EVERY_MS
    await sleep(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => undefined)
  }
  return { reloads, seconds: (performance.now() - started) / 1000 }
}

/** Bodies of slow requests, one after the other. */
async function fly(rig: ProxyRig, signal: AbortSignal): Promise<string[]> {
  const bodies: string[] = []
  while (!signal.aborted)
    bodies.push(
      await rig.ask('site.bench.test', { path: '/slow' }).then(
        ({ body }) => body,
        (error: Error) => error.message,
      ),
    )
  return bodies
}

const answeredOf = (outputs: readonly ConnectOutput[]): number =>
  outputs.reduce((sum, { answered }) => sum + answered, 0)
const lostOf = (outputs: readonly ConnectOutput[]): number =>
  outputs.reduce((sum, { lost }) => sum + Object.values(lost).reduce((all, count) => all + count, 0), 0)
const speed = (outputs: readonly ConnectOutput[]): number =>
  Math.round(answeredOf(outputs) / Math.max(...outputs.map(({ seconds }) => seconds)))
