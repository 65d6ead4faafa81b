/** Good senders while others try to wear the receiver out: how much slower, and in how much memory. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { directories } from '../server/config/environment.ts'
import { createBox } from '../test/box.ts'
import type { Figure } from './figure.ts'
import type { HostileInput, HostileOutput } from './load/hostile.ts'
import type { PostInput, PostOutput } from './load/post.ts'
import { within } from './own-box.ts'
import { load } from './program.ts'
import { median, percentile } from './samples.ts'

const CLIENTS = 10
const PAUSE_MS = 50
const SECONDS = 10
const CONFIG =
  '  applications: []\n  sources:\n    - {name: hub, type: github, rate: 1000000}\n    - {name: good, type: github, rate: 1000000}\n    - {name: any, type: generic, rate: 1000000}\n'

export const hostile: Figure = {
  name: 'hostile',
  title: 'Webhooks of good senders among hostile ones',
  rounds: 3,
  run: ({ rounds, scale, say }) =>
    within(
      () => createBox({ config: CONFIG }),
      async (box) => {
        const seconds = Math.max(2, SECONDS * scale)
        const to = directories(box.data).webSocket
        const address = async (source: string) => {
          const made = await box.api<{ url: string; secret?: string }>(
            'POST',
            `/sources/${source}/tokens`,
            {},
          )
          return { path: new URL(made.body.url).pathname, secret: made.body.secret ?? '' }
        }
        const [good, hub, any] = [await address('good'), await address('hub'), await address('any')]
        const file = (name: string) => join(import.meta.dirname, 'load', name)
        const input: PostInput = { to, ...good, clients: CLIENTS, seconds, pauseMs: PAUSE_MS }
        const p99 = async () => {
          const { taken, refused } = await load<PostOutput>(file('post.ts'), input)
          if (refused > 0) throw new Error(`${refused} good webhooks were refused.`)
          return percentile(taken, 0.99)
        }
        const resident = () =>
          Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${box.pid()}/status`, 'utf8'))?.[1]) / 1024
        const [alone, among]: [number[], number[]] = [[], []]
        const answers: Record<string, number> = {}
        await p99()
        const before = resident()
        for (let round = 0; round < rounds; round++) {
          alone.push(await p99())
          const army = load<HostileOutput>(file('hostile.ts'), {
            to,
            signed: hub.path,
            open: any.path,
            // the good ones warm up first
            seconds: seconds + 3,
          } satisfies HostileInput)
          among.push(await p99())
          for (const [status, count] of Object.entries((await army).answers))
            answers[status] = (answers[status] ?? 0) + count
          say(`p99 ${alone.at(-1)?.toFixed(1)} ms alone, ${among.at(-1)?.toFixed(1)} ms among hostile ones`)
        }
        const grown = resident() - before
        const taken = (answers['202'] ?? 0) + (answers['200'] ?? 0)
        const total = Object.values(answers).reduce((sum, count) => sum + count, 0)
        return {
          measures: [
            { what: 'p99 alone', value: median(alone), unit: 'ms', samples: alone },
            { what: 'p99 among hostile ones', value: median(among), unit: 'ms', samples: among },
            { what: 'among / alone, p99', value: median(among) / median(alone), unit: 'x', atMost: 2 },
            { what: 'memory that the daemon grew by, at its peak', value: grown, unit: 'MB', atMost: 192 },
            { what: 'hostile webhooks', value: total, unit: 'count' },
          ],
          notes: [
            `${CLIENTS} good clients, each every ${PAUSE_MS} ms, over the socket that nginx uses; in turns with and without 26 hostile connections, each with the next some 250 ms after its refusal: bodies of 1 GB in chunks and by length, gzip bombs, bodies that never come, JSON of 500,000 levels and of 20,000 keys, \`__proto__\`, templates in titles, wrong content types, signatures and addresses. Senders and daemon share the machine.`,
            `Answers: ${Object.entries(answers)
              .map(([status, count]) => `${status === '0' ? 'cut' : status} ${count.toLocaleString('en')}`)
              .join(
                ', ',
              )}. The ${taken.toLocaleString('en')} that were taken are well-formed webhooks of an open source, whose titles look like templates and stay texts.`,
          ],
        }
      },
    ),
}
