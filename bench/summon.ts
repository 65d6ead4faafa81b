/** `summoner add wordpress`, against `docker compose up -d` on the same rendered files with the same waits. */
import type { Job } from '../server/jobs/job.ts'
import { takeInHand, whileDaemonSleeps } from './by-hand.ts'
import type { Figure } from './figure.ts'
import { command, good, summon, withBox } from './own-box.ts'
import { median, timed } from './samples.ts'

export const summonFigure: Figure = {
  name: 'summon',
  title: 'Summoning WordPress',
  rounds: 5,
  run: ({ rounds, say }) =>
    withBox(async (box) => {
      // images, the proxy and every cache are there before anything is measured
      await summon(box, 'wordpress', 'warm')
      good(await box.run('DELETE', '/minions/warm?purge=true'))
      const whole: number[] = []
      const same: number[] = []
      const byHand: number[] = []
      const steps = new Map<string, number[]>()
      for (let round = 0; round < rounds; round++) {
        const name = `wp${round}`
        const { seconds } = await timed(() => command(box, ['add', 'wordpress', '--name', name]))
        const { body: jobs } = await box.api<{ jobs: Job[] }>('GET', `/jobs?minion=${name}`)
        const job = good(jobs.jobs[0]!)
        whole.push(seconds)
        same.push(between(job, 'files', 'administrator'))
        for (const step of job.steps) steps.set(step.name, [...(steps.get(step.name) ?? []), tookOf(step)])
        const hand = await takeInHand(box, name)
        good(await box.run('DELETE', `/minions/${name}?purge=true`))
        byHand.push(
          await whileDaemonSleeps(box, async () => {
            const taken = await hand.up()
            await hand.remove()
            return taken
          }),
        )
        say(`add ${seconds.toFixed(1)} s, by hand ${byHand.at(-1)?.toFixed(1)} s`)
      }
      const slowest = [...steps].map(([name, taken]) => `${name} ${median(taken).toFixed(2)} s`)
      return {
        measures: [
          {
            what: '`summoner add wordpress` / by hand',
            value: median(whole) / median(byHand),
            unit: 'x',
            atMost: 1.15,
          },
          {
            what: 'only the steps that the person takes too / by hand',
            value: median(same) / median(byHand),
            unit: 'x',
          },
          { what: '`summoner add wordpress`', value: median(whole), unit: 's', samples: whole },
          { what: 'by hand', value: median(byHand), unit: 's', samples: byHand },
        ],
        notes: [
          'Images are present; data folders are new on both sides; one after the other, in turns; medians.',
          'By hand: `docker compose up -d` in a copy of the rendered folder, a look every 100 ms until both containers are healthy and `/wp-login.php` answers, then the same `install.php` by `docker exec`.',
          'Only `summoner add` also checks and writes the files, makes a certificate, reloads nginx and visits the site over HTTPS.',
          `Steps of the job, medians: ${slowest.join(', ')}.`,
        ],
      }
    }),
}

const tookOf = ({ startedAt, endedAt }: Job['steps'][number]): number =>
  (Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '')) / 1000

function between({ steps }: Job, first: string, last: string): number {
  const started = steps.find(({ name }) => name === first)?.startedAt
  const ended = steps.find(({ name }) => name === last)?.endedAt
  return (Date.parse(ended ?? '') - Date.parse(started ?? '')) / 1000
}
