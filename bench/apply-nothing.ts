/** `summoner apply` with nothing to change, and the proof that nothing was touched. */
import { lstatSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Event } from '../server/events/event.ts'
import type { Job } from '../server/jobs/job.ts'
import { engine, type Box } from '../test/box.ts'
import { takeInHand, whileDaemonSleeps, type ByHand } from './by-hand.ts'
import type { Figure } from './figure.ts'
import { command, numbered, summonTogether, withBox } from './own-box.ts'
import { median, timed } from './samples.ts'

export const applyNothing: Figure = {
  name: 'apply-nothing',
  title: 'Applying when nothing changed, 20 minions',
  rounds: 20,
  run: ({ rounds, scale, say }) =>
    withBox(async (box) => {
      const names = numbered('site', Math.ceil(20 * scale))
      await summonTogether(box, 'statik', names)
      const before = await everything(box)
      const api: number[] = []
      const cli: number[] = []
      for (let round = 0; round < rounds; round++) {
        const { result, seconds } = await timed(() =>
          box.api<{ jobs: Job[] }>('POST', '/config/apply', { yes: true }),
        )
        if (result.status !== 202 || result.body.jobs.length > 0)
          throw new Error(JSON.stringify(result.body).slice(0, 2000))
        api.push(seconds)
        cli.push((await timed(() => command(box, ['apply']))).seconds)
      }
      const after = await everything(box)
      say(`apply ${median(cli).toFixed(3)} s, inside the daemon ${median(api).toFixed(3)} s`)

      const hands: ByHand[] = []
      for (const name of names) hands.push(await takeInHand(box, name))
      const byHand = await whileDaemonSleeps(box, () =>
        timed(async () => {
          for (const hand of hands) await hand.again()
        }),
      )
      return {
        measures: [
          {
            what: '`summoner apply`, the whole command',
            value: median(cli),
            unit: 's',
            atMost: 0.3,
            samples: cli,
          },
          { what: 'of that, `POST /config/apply`', value: median(api), unit: 's', samples: api },
          {
            what: '`summoner apply` / `docker compose up -d` in each folder',
            value: median(cli) / byHand.seconds,
            unit: 'x',
          },
          {
            what: 'containers touched',
            value: differing(before.containers, after.containers),
            unit: 'count',
            atMost: 0,
          },
          { what: 'files touched', value: differing(before.files, after.files), unit: 'count', atMost: 0 },
          { what: 'reloads of nginx', value: after.reloads - before.reloads, unit: 'count', atMost: 0 },
        ],
        notes: [
          `${names.length} static sites and nginx; ${rounds} times by command and ${rounds} times by API.`,
          'Containers by id, start and configuration; files below `data/` and config.yml by name, inode, size and change time, except the database of the history.',
          `By hand, one after the other in the same folders: ${byHand.seconds.toFixed(1)} s.`,
        ],
      }
    }),
}

interface Everything {
  containers: Map<string, string>
  files: Map<string, string>
  reloads: number
}

async function everything(box: Box): Promise<Everything> {
  const containers = await engine.listContainers({ labels: [`io.summoner.box=${box.boxId()}`] })
  const { body } = await box.api<{ events: Event[] }>('GET', '/events?type=proxy.reloaded&limit=500')
  const files = new Map([[box.configFile, statOf(box.configFile)]])
  for (const entry of readdirSync(box.data, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!/^(state\/(summoner\.db|compile-cache)|run\/)/.test(relative(box.data, path)))
      files.set(path, statOf(path))
  }
  return {
    containers: new Map(containers.map((container) => [container.id, JSON.stringify(container)])),
    files,
    reloads: body.events.length,
  }
}

function statOf(path: string): string {
  const { ino, size, mode, ctimeNs } = lstatSync(path, { bigint: true })
  return [ino, size, mode, ctimeNs].join()
}

function differing(before: Map<string, string>, after: Map<string, string>): number {
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key))
    .length
}
