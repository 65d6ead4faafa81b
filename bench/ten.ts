/** Ten minions summoned together, against ten brought up by hand one after the other. */
import { takeInHand, whileDaemonSleeps, type ByHand } from './by-hand.ts'
import type { Figure } from './figure.ts'
import { good, numbered, summon, summonTogether, withBox } from './own-box.ts'
import { median, timed } from './samples.ts'

export const ten: Figure = {
  name: 'ten',
  title: 'Ten minions at once',
  rounds: 3,
  run: ({ rounds, scale, say }) =>
    withBox(async (box) => {
      await summon(box, 'statik', 'warm')
      const together: number[] = []
      const byHand: number[] = []
      for (let round = 0; round < rounds; round++) {
        const names = numbered(`r${round}-site`, Math.ceil(10 * scale))
        together.push((await timed(() => summonTogether(box, 'statik', names))).seconds)
        const hands: ByHand[] = []
        for (const name of names) hands.push(await takeInHand(box, name))
        for (const name of names) good(await box.run('DELETE', `/minions/${name}?purge=true`))
        byHand.push(
          await whileDaemonSleeps(box, async () => {
            let sum = 0
            for (const hand of hands) sum += await hand.up()
            for (const hand of hands) await hand.remove()
            return sum
          }),
        )
        say(`together ${together.at(-1)?.toFixed(1)} s, by hand ${byHand.at(-1)?.toFixed(1)} s`)
      }
      return {
        measures: [
          {
            what: 'together / by hand one after the other',
            value: median(together) / median(byHand),
            unit: 'x',
            atMost: 0.6,
          },
          { what: 'together', value: median(together), unit: 's', samples: together },
          { what: 'by hand', value: median(byHand), unit: 's', samples: byHand },
        ],
        notes: [
          'Ten static sites in config.yml, then `apply`, until every address answers over HTTPS through nginx.',
          'By hand: for each, `docker compose up -d` in a copy of its rendered folder, then a look every 100 ms until it is healthy and answers; neither nginx nor certificates.',
        ],
      }
    }),
}
