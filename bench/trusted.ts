/** From `docker run` with LETSENCRYPT_HOST to HTTPS that verifies against the root of an ACME server. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBox } from '../test/box.ts'
import { pebbleMissing, startPebble } from '../test/pebble.ts'
import { visitTrusting } from '../test/visit-trusting.ts'
import type { Figure, Measure } from './figure.ts'
import { good, within } from './own-box.ts'
import { program } from './program.ts'
import { median } from './samples.ts'
import { dehydratedMissing, trustedByHand } from './trusted-by-hand.ts'

const LOOK_MS = 20
const WITHIN_MS = 120_000

export const trusted: Figure = {
  name: 'trusted',
  title: 'From a container to trusted HTTPS',
  rounds: 5,
  run: async ({ rounds, say }) => {
    const missing = pebbleMissing()
    if (missing) throw new Error(missing)
    return within(
      () => createBox({ boot: false, templates: [] }),
      async (box) => {
        const pebble = await startPebble({ httpPort: box.httpPort })
        try {
          box.configure(`  tls: { acme: "${pebble.directory}", ca: ${pebble.caFile} }\n`)
          await box.boot()
          for (const job of await box.apply()) good(job)
          const root = await pebble.root()
          const own = readFileSync(join(box.data, 'certificates/internal/root.pem'), 'utf8')
          const verifies = async (host: string, roots: string) => {
            for (const deadline = Date.now() + WITHIN_MS; ; await sleep(LOOK_MS)) {
              if (await visitTrusting(host, box.httpsPort, roots, '/').catch(() => undefined)) return
              if (Date.now() > deadline) throw new Error(`${host} was never trusted`)
            }
          }
          const internal: number[] = []
          const taken: number[] = []
          for (const host of hostsOf(rounds)) {
            const started = performance.now()
            const { remove } = await run(host, ['VIRTUAL_HOST', 'LETSENCRYPT_HOST'])
            try {
              await verifies(host, `${own}${root}`)
              internal.push((performance.now() - started) / 1000)
              await verifies(host, root)
              taken.push((performance.now() - started) / 1000)
              say(`${internal.at(-1)?.toFixed(2)} s, trusted after ${taken.at(-1)?.toFixed(2)} s`)
            } finally {
              await remove()
            }
          }
          const byHand = dehydratedMissing()
            ? []
            : await trustedByHand(box, {
                hosts: hostsOf(rounds),
                server: pebble,
                start: (host) => run(host, []),
                trusted: (host) => verifies(host, root),
              })
          const compared: Measure[] = [
            {
              what: 'docker run to trusted HTTPS / by hand',
              value: median(taken) / median(byHand),
              unit: 'x',
            },
            { what: 'by hand', value: median(byHand), unit: 's', samples: byHand },
          ]
          return {
            measures: [
              ...(byHand.length > 0 ? compared : []),
              { what: 'docker run to trusted HTTPS', value: median(taken), unit: 's', samples: taken },
              { what: `the slowest of ${rounds}`, value: Math.max(...taken), unit: 's' },
              {
                what: "docker run to HTTPS by the box's own root",
                value: median(internal),
                unit: 's',
                samples: internal,
              },
            ],
            notes: [
              'A container that is none of ours, with VIRTUAL_HOST and LETSENCRYPT_HOST; the server is pebble on this machine, without its random pauses. Between lie the start of the container, the first reload of nginx with the internal certificate, the order with its proof over port 80, and the second reload.',
              byHand.length > 0
                ? 'By hand: the same `docker run`, a server block for port 80, `nginx -t` and `-s reload`, `dehydrated --cron` with an account that is there, the block for HTTPS, and again; nobody thinks or types meanwhile. HTTPS answers only at the end.'
                : 'By hand needs dehydrated, which is not installed here.',
              "nginx-proxy's own chain is not measured: docker-gen could not be had where this ran. It takes the steps by hand, and acme-companion waits 5 to 20 s after a container's start before it orders, where its `DOCKER_GEN_WAIT` says nothing else.",
            ],
          }
        } finally {
          await pebble.stop()
        }
      },
    )
  },
}

const hostsOf = (rounds: number): string[] =>
  Array.from({ length: rounds }, () => `trusted-${randomBytes(3).toString('hex')}.bench.test`)

/** A container that asks for the host in these variables. */
async function run(host: string, variables: readonly string[]) {
  const name = host.split('.')[0] ?? ''
  const environment = variables.flatMap((key) => ['-e', `${key}=${host}`])
  await program('docker', [
    'run',
    '-d',
    '--name',
    name,
    ...environment,
    'summoner/base:trixie',
    'sleep',
    '600',
  ])
  const address = await program('docker', ['inspect', '-f', '{{.NetworkSettings.IPAddress}}', name])
  return { address: address.trim(), remove: async () => void (await program('docker', ['rm', '-f', name])) }
}
