/** Signed webhooks of 1 kB from 50 clients: taken durably, against a bare route that only checks the signature. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { directories } from '../server/config/environment.ts'
import type { Figure } from './figure.ts'
import type { PostInput, PostOutput } from './load/post.ts'
import { withNodeRed, withWebhook } from './other-receivers.ts'
import { within } from './own-box.ts'
import { load } from './program.ts'
import { percentile } from './samples.ts'
import { createBox } from '../test/box.ts'

const CLIENTS = 50
const SECONDS = 10
const CONFIG =
  '  applications: []\n  sources: [{name: hub, type: github, rate: 1000000}]\n  channels: {team: {mattermost: {url: {secret: team}}}}\n  recipes: [{name: failed, on: {type: pipeline.failed}, do: [{post: {channel: team, text: x}}]}]\n'

export const ingest: Figure = {
  name: 'ingest',
  title: 'Taking signed webhooks, 50 clients',
  rounds: 1,
  run: ({ scale, say }) =>
    within(
      () => createBox({ config: CONFIG }),
      async (box) => {
        const seconds = SECONDS * scale
        const post = async (what: string, input: Omit<PostInput, 'clients' | 'seconds'>) => {
          const file = join(import.meta.dirname, 'load/post.ts')
          const output = await load<PostOutput>(file, {
            clients: CLIENTS,
            seconds,
            ...input,
          } satisfies PostInput)
          if (output.refused > 0 || output.taken.length === 0)
            throw new Error(
              `${what}: ${output.refused} of ${output.taken.length + output.refused} were refused.`,
            )
          const perSecond = output.taken.length / seconds
          const p99 = percentile(output.taken, 0.99)
          say(`${what}: ${Math.round(perSecond)} a second, p99 ${p99.toFixed(1)} ms`)
          return { perSecond, p99, median: percentile(output.taken, 0.5), count: output.taken.length }
        }

        const { body: made } = await box.api<{ url: string; secret: string }>(
          'POST',
          '/sources/hub/tokens',
          {},
        )
        const path = new URL(made.url).pathname
        const socketPath = join(box.dir, 'bare.sock')
        const bareServer = spawn(process.execPath, [
          join(import.meta.dirname, 'load/bare-verify.ts'),
          JSON.stringify({ socketPath, secret: made.secret }),
        ])
        await once(bareServer.stdout, 'data')
        const bare = await post('bare route', { to: socketPath, path: '/hook', secret: made.secret }).finally(
          () => bareServer.kill(),
        )
        const ours = await post('Summoner', {
          to: directories(box.data).webSocket,
          path,
          secret: made.secret,
        })
        const newest = async () =>
          (await box.api<{ events: { id: number }[] }>('GET', '/events?source=hub&limit=1')).body.events[0]
            ?.id
        const kept = (await newest()) ?? 0
        if (kept < ours.count) throw new Error(`${ours.count} were answered, ${kept} are there.`)
        const { secret } = made
        const webhook = await withWebhook(box.dir, secret, (port, at) =>
          post("Debian's webhook", { to: port, path: at, secret }),
        )
        const nodeRed = await withNodeRed(box.dir, secret, (port, at) =>
          post('Node-RED', { to: port, path: at, secret }),
        )
        return {
          measures: [
            { what: 'p99 of an answer, on the disk before', value: ours.p99, unit: 'ms', atMost: 25 },
            { what: 'median of an answer', value: ours.median, unit: 'ms' },
            { what: 'taken a second', value: ours.perSecond, unit: 'count' },
            {
              what: 'a bare route that only checks the signature, a second',
              value: bare.perSecond,
              unit: 'count',
            },
            {
              what: 'bare route / Summoner (8,000 a second are enough)',
              value:
                ours.perSecond >= 8000
                  ? Math.min(2, bare.perSecond / ours.perSecond)
                  : bare.perSecond / ours.perSecond,
              unit: 'x',
              atMost: 2,
            },
            ...(webhook
              ? [
                  { what: "Debian's webhook, a second", value: webhook.perSecond, unit: 'count' as const },
                  { what: "Debian's webhook, p99", value: webhook.p99, unit: 'ms' as const },
                ]
              : []),
            ...(nodeRed
              ? [
                  { what: 'Node-RED, a second', value: nodeRed.perSecond, unit: 'count' as const },
                  { what: 'Node-RED, p99', value: nodeRed.p99, unit: 'ms' as const },
                ]
              : []),
          ],
          notes: [
            `Bodies of 1 kB signed as GitHub does, each delivery with a name of its own; ${CLIENTS} clients on kept connections of a Unix socket, in a process beside the server, for ${SECONDS} s. Summoner answers when the event is on the disk (SQLite, synchronous FULL, one commit for all that wait).`,
            'The bare route is one Fastify route that checks the same signature over the raw body and keeps nothing.',
            webhook
              ? "Debian's webhook (adnanh/webhook) checks the same signature and starts /bin/true for each; it keeps nothing, and tries nothing again."
              : "Debian's webhook could not be had on this machine.",
            nodeRed
              ? 'Node-RED from npm: a flow of http in, a function that checks the signature, http response; it keeps nothing either.'
              : 'Node-RED could not be had on this machine.',
            'n8n is left out: its packages could not be had where this was measured.',
          ],
        }
      },
    ),
}
