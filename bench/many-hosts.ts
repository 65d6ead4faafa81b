/** A thousand hosts with certificates in one nginx: memory, the test of the configuration, a change until it is served. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Vhost } from '../server/proxy/vhost.ts'
import { createProxyRig, upstream, type ProxyRig } from '../test/proxy-rig.ts'
import type { Figure } from './figure.ts'
import { within } from './own-box.ts'
import { program } from './program.ts'
import { median } from './samples.ts'

const HOSTS = 1000

export const manyHosts: Figure = {
  name: 'many-hosts',
  title: 'A thousand hosts with certificates',
  rounds: 5,
  run: ({ rounds, scale, say }) =>
    within(createProxyRig, async (rig) => {
      const app = createServer((_request, response) => response.end('answer'))
      await once(app.listen(0, '127.0.0.1'), 'listening')
      try {
        const serve = upstream(`127.0.0.1:${(app.address() as AddressInfo).port}`)
        const count = Math.ceil(HOSTS * scale)
        const vhosts: Vhost[] = []
        for (let index = 0; index < count; index++)
          vhosts.push(await rig.vhost(`host${index}.bench.test`, serve))
        say(`${count} certificates are there`)
        const proxy = rig.boot()
        await proxy.prepare(vhosts.slice(0, 1))
        await rig.start()
        const few = await memoryOf(rig)
        const whole = await seconds(() => proxy.apply(vhosts))
        const tests: number[] = []
        for (let round = 0; round < rounds; round++)
          tests.push(
            await seconds(() =>
              program('docker', [
                'exec',
                rig.name,
                'nginx',
                '-t',
                '-q',
                '-c',
                '/etc/nginx/summoner/current/nginx.conf',
              ]),
            ),
          )
        const changes: number[] = []
        const written: number[] = []
        for (let round = 0; round < rounds; round++) {
          const before = hostFiles(rig)
          const [first, ...others] = vhosts as [Vhost, ...Vhost[]]
          const next = { ...first, options: { headers: { 'X-Round': String(round) } } }
          const started = performance.now()
          await proxy.apply([next, ...others])
          if ((await rig.ask(first.host)).headers['x-round'] !== String(round)) throw new Error('not served')
          changes.push((performance.now() - started) / 1000)
          const after = hostFiles(rig)
          written.push([...after].filter(([name, at]) => before.get(name) !== at).length)
        }
        const memory = await memoryOf(rig)
        say(`change to served ${median(changes).toFixed(2)} s, nginx -t ${median(tests).toFixed(2)} s`)
        return {
          measures: [
            { what: `memory of nginx, ${count} hosts (PSS)`, value: memory, unit: 'MB' },
            { what: 'memory of nginx, one host (PSS)', value: few, unit: 'MB' },
            { what: 'nginx -t by docker exec', value: median(tests), unit: 's', samples: tests },
            { what: 'all hosts new: from the wish to served', value: whole, unit: 's' },
            {
              what: 'one host changed: from the wish to served',
              value: median(changes),
              unit: 's',
              samples: changes,
            },
            {
              what: 'host files written for that change',
              value: Math.max(...written),
              unit: 'count',
              atMost: 1,
            },
          ],
          notes: [
            'The real nginx in a container, every host with a certificate and a key of its own (P-256), HTTPS and the redirect from HTTP; a change is tested, swapped, reloaded and probed until all workers serve it, then asked for over HTTPS.',
            'Memory is the proportional share (PSS) of master and workers after the reloads; workers that are still leaving are counted.',
          ],
        }
      } finally {
        app.close()
        app.closeAllConnections()
      }
    }),
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

const hostFiles = (rig: ProxyRig): Map<string, number> => {
  const folder = join(rig.dirs.proxy, 'hosts')
  return new Map(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]))
}

/** Of master and workers, in MB. */
async function memoryOf(rig: ProxyRig): Promise<number> {
  const listed = (await program('docker', ['top', rig.name, '-eo', 'pid'])).trim().split('\n').slice(1)
  const shares = listed.map((line) => {
    const file = `/proc/${line.trim()}/smaps_rollup`
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    return Number(/^Pss:\s+([0-9]+) kB/m.exec(text)?.[1] ?? 0) / 1024
  })
  return shares.reduce((sum, share) => sum + share, 0)
}
