/** From `docker run` with LETSENCRYPT_HOST to HTTPS that verifies against the root of an ACME server. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBox } from '../test/box.ts'
import { pebbleMissing, startPebble } from '../test/pebble.ts'
import { visitTrusting } from '../test/visit-trusting.ts'
import type { Figure } from './figure.ts'
import { good, within } from './own-box.ts'
import { program } from './program.ts'
import { median } from './samples.ts'

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
          const taken: number[] = []
          for (let round = 0; round < rounds; round++) {
            const name = `trusted-${randomBytes(3).toString('hex')}`
            const host = `${name}.bench.test`
            const environment = ['VIRTUAL_HOST', 'LETSENCRYPT_HOST'].flatMap((key) => [
              '-e',
              `${key}=${host}`,
            ])
            const started = performance.now()
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
            try {
              while (
                (await visitTrusting(host, box.httpsPort, root, '/').catch(() => undefined)) === undefined
              ) {
                if (performance.now() - started > WITHIN_MS) throw new Error(`${host} was never trusted`)
                await sleep(LOOK_MS)
              }
              taken.push((performance.now() - started) / 1000)
              say(`${taken.at(-1)?.toFixed(2)} s`)
            } finally {
              await program('docker', ['rm', '-f', name])
            }
          }
          return {
            measures: [
              { what: 'docker run to HTTPS that verifies', value: median(taken), unit: 's', samples: taken },
              { what: `the slowest of ${rounds}`, value: Math.max(...taken), unit: 's' },
            ],
            notes: [
              'A container that is none of ours, with VIRTUAL_HOST and LETSENCRYPT_HOST; the server is pebble on this machine, without its random pauses. Between lie the start of the container, the first reload of nginx with the internal certificate, the order with its proof over port 80, and the second reload.',
              "nginx-proxy's own chain is not measured beside it.",
            ],
          }
        } finally {
          await pebble.stop()
        }
      },
    )
  },
}
