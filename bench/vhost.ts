/** From a healthy container to its address being served, with few and with many other hosts. */
import { EventEmitter, once } from 'node:events'
import { readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { engine, type Box } from '../test/box.ts'
import { whileDaemonSleeps } from './by-hand.ts'
import type { Figure, Measure } from './figure.ts'
import { deriveTemplate, good, summon, withBox } from './own-box.ts'
import { program } from './program.ts'
import { median } from './samples.ts'

const LOOK_MS = 5
const WITHIN_MS = 60_000
/** The box's own: dashboard, hooks, the bare domain. */
const OWN_HOSTS = 3

export const vhost: Figure = {
  name: 'vhost',
  title: 'From healthy to served',
  rounds: 5,
  run: ({ rounds, scale, say }) =>
    withBox(async (box) => {
      const measures: Measure[] = []
      const few = 10 - OWN_HOSTS - 1
      const crowds = [
        { hosts: 10, adds: few, atMost: 0.5 },
        { hosts: 1000, adds: Math.ceil((1000 - 10) * scale), atMost: 2 },
      ]
      for (const { hosts, adds, atMost } of crowds) {
        const crowd = `crowd${hosts}`
        deriveTemplate(box, crowd, (_compose, description) => {
          const subdomains = Array.from({ length: adds }, (_, index) =>
            index === 0 ? {} : { subdomain: `h${index}` },
          )
          description['web'] = subdomains.map((more) => ({ service: 'hello', port: 8080, ...more }))
          delete description['admin']
        })
        await summon(box, crowd, crowd)
        const taken: number[] = []
        for (let round = 0; round < rounds; round++) {
          const name = `new${hosts}r${round}`
          taken.push(await untilServed(box, name))
          good(await box.run('DELETE', `/minions/${name}`))
        }
        const byHand = await whileDaemonSleeps(box, () => servedByHand(box, rounds))
        say(`${hosts} hosts: ${median(taken).toFixed(2)} s, by hand ${median(byHand).toFixed(2)} s`)
        const at = `at ${hosts.toLocaleString('en')} hosts`
        measures.push(
          { what: at, value: median(taken), unit: 's', atMost, samples: taken },
          { what: `${at}, the slowest of ${rounds}`, value: Math.max(...taken), unit: 's' },
          { what: `${at}, by hand`, value: median(byHand), unit: 's', samples: byHand },
          { what: `${at} / by hand`, value: median(taken) / median(byHand), unit: 'x' },
        )
      }
      return {
        measures,
        notes: [
          'A static site is summoned; from the moment that the engine calls its container healthy (the time in its event) to the first answer of the site itself over HTTPS through nginx, asked every 5 ms. Between lie the check of the health path, the certificate that is there already, `nginx -t` and the reload.',
          'By hand: a server block is added to the same nginx.conf, then `nginx -t` and `nginx -s reload` by `docker exec`, until it answers over plain HTTP; writing the block is not counted.',
        ],
      }
    }),
}

/** Seconds; the job runs to its end. */
async function untilServed(box: Box, name: string): Promise<number> {
  const health = new EventEmitter()
  const events = await engine.events(
    undefined,
    ({ action, attributes, timeNano }) => {
      if (action === 'health_status: healthy' && attributes['io.summoner.minion'] === name)
        health.emit('healthy', timeNano / 1e6)
    },
    () => {},
  )
  try {
    const healthy = once(health, 'healthy', { signal: AbortSignal.timeout(WITHIN_MS) })
    const job = summon(box, 'statik', name)
    const [at] = (await Promise.race([healthy, job.then(() => healthy)])) as [number]
    await untilStatus(box, `${name}.${box.domain}`, 200, {})
    const served = Date.now()
    await job
    return (served - at) / 1000
  } finally {
    events.close()
  }
}

async function servedByHand(box: Box, rounds: number): Promise<number[]> {
  const nginx = `nginx-${box.domain}`
  const file = realpathSync(join(box.data, 'proxy/current/nginx.conf'))
  const text = readFileSync(file, 'utf8')
  const exec = (...args: string[]) =>
    program('docker', ['exec', nginx, 'nginx', '-c', '/etc/nginx/summoner/current/nginx.conf', ...args])
  const taken: number[] = []
  for (let round = 0; round < rounds; round++) {
    const host = `by-hand-${round}.test`
    const block = `server { listen ${box.httpPort}; server_name ${host}; return 200 "by hand"; }`
    writeFileSync(file, text.replace(/\}\s*$/, `${block}\n}\n`))
    const started = performance.now()
    await exec('-t', '-q')
    await exec('-s', 'reload')
    await untilStatus(box, host, 200, { plain: true })
    taken.push((performance.now() - started) / 1000)
  }
  writeFileSync(file, text)
  await exec('-s', 'reload')
  return taken
}

async function untilStatus(
  box: Box,
  host: string,
  status: number,
  options: { plain?: boolean },
): Promise<void> {
  for (const deadline = Date.now() + WITHIN_MS; ; await sleep(LOOK_MS)) {
    const answer = await box.visit(host, '/', options).catch(() => undefined)
    if (answer?.status === status) return
    if (Date.now() > deadline) throw new Error(`${host} was never served.`)
  }
}
