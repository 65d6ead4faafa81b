/** `GET /api/v1/minions` with 100 containers and 50 clients, against asking the engine itself. */
import { join } from 'node:path'
import type { Minion } from '../server/minions/minion.ts'
import { directories } from '../server/config/environment.ts'
import type { AskInput, AskOutput } from './load/ask.ts'
import type { Figure, Measure } from './figure.ts'
import { deriveTemplate, numbered, summonTogether, withBox } from './own-box.ts'
import { load } from './program.ts'
import { percentile } from './samples.ts'

const CLIENTS = 50
const SECONDS = 10

export const list: Figure = {
  name: 'list',
  title: 'Listing the minions, 100 containers, 50 clients',
  rounds: 1,
  run: ({ scale, say }) =>
    withBox(async (box) => {
      // without a health check of the engine's: a hundred of them would be the load that is measured
      deriveTemplate(box, 'pair', ({ services }, description) => {
        const { healthcheck: _, ...hello } = services['hello'] ?? {}
        const images = description['images'] as Record<string, unknown>
        services['hello'] = hello
        services['second'] = {
          image: hello['image'],
          command: ['sleep', 'infinity'],
          stop_grace_period: '1s',
        }
        description['images'] = { ...images, second: images['hello'] }
        delete description['admin']
      })
      await summonTogether(box, 'pair', numbered('pair', Math.ceil(50 * scale)))
      const { minions } = (await box.api<{ minions: Minion[] }>('GET', '/minions')).body
      const containers = minions.reduce((sum, minion) => sum + minion.containers.length, 0)
      say(`${minions.length} minions, ${containers} containers`)
      const { body: made } = await box.api<{ token: string }>('POST', '/tokens', {
        name: 'bench',
        role: 'viewer',
      })

      const { adminSocket, webSocket } = directories(box.data)
      const ask = async (input: Omit<AskInput, 'clients' | 'seconds'>, seconds = SECONDS * scale) => {
        const file = join(import.meta.dirname, 'load/ask.ts')
        const output = await load<AskOutput>(file, { clients: CLIENTS, seconds, ...input } satisfies AskInput)
        if (output.refused > 0 || output.taken.length === 0)
          throw new Error(`${output.refused} of ${output.taken.length + output.refused} were refused.`)
        say(
          `${input.to}: ${output.taken.length} answers, p99 ${percentile(output.taken, 0.99).toFixed(1)} ms`,
        )
        return output
      }
      const path = '/api/v1/minions'
      const admin = await ask({ to: adminSocket, path })
      const web = await ask({
        to: webSocket,
        path,
        headers: { authorization: `Bearer ${made.token}` },
      })
      const engine = await ask({
        to: '/var/run/docker.sock',
        path: `/containers/json?filters=${encodeURIComponent(JSON.stringify({ label: [`io.summoner.box=${box.boxId()}`] }))}`,
      })
      const of = (what: string, { taken }: AskOutput, share: number, atMost?: number): Measure => ({
        what,
        value: percentile(taken, share),
        unit: 'ms',
        ...(atMost === undefined ? {} : { atMost }),
      })
      return {
        measures: [
          of('admin socket, p99', admin, 0.99, 20),
          of('admin socket, median', admin, 0.5),
          of('web socket with a token, p99', web, 0.99, 20),
          of('web socket with a token, median', web, 0.5),
          of('asking the engine for its list of the same containers, p99', engine, 0.99),
          {
            what: 'admin socket / asking the engine, p99',
            value: percentile(admin.taken, 0.99) / percentile(engine.taken, 0.99),
            unit: 'x',
          },
        ],
        notes: [
          `${containers} containers of ${minions.length} minions; ${CLIENTS} clients on kept connections in a process of their own, each asking again as soon as it has its answer, for ${SECONDS} s: the most that so many clients can ask.`,
          `${admin.taken.length} answers of ${Math.round(admin.bytes / 1024)} KiB over the admin socket, ${web.taken.length} over the web socket, ${engine.taken.length} of the engine.`,
        ],
      }
    }),
}
