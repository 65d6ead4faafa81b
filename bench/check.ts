/** The check of the whole catalogue, as a person types it. */
import { BUILT_IN } from '../server/templates/built-in.ts'
import { createBox } from '../test/box.ts'
import type { Figure } from './figure.ts'
import { command, within } from './own-box.ts'
import { median, timed } from './samples.ts'

export const check: Figure = {
  name: 'check',
  title: 'Checking every template',
  rounds: 5,
  run: ({ rounds, say }) =>
    within(
      () => createBox({ templates: [], catalogue: [...BUILT_IN] }),
      async (box) => {
        const seconds: number[] = []
        let findings = 0
        for (let round = 0; round < rounds; round++) {
          const { result, seconds: took } = await timed(() => command(box, ['template', 'check', '--json']))
          const { templates } = JSON.parse(result) as { templates: { findings: unknown[] }[] }
          if (templates.length !== BUILT_IN.size) throw new Error(`only ${templates.length} were checked`)
          findings = templates.reduce((sum, one) => sum + one.findings.length, 0)
          seconds.push(took)
          say(`${took.toFixed(2)} s, ${findings} findings`)
        }
        return {
          measures: [
            {
              what: '`summoner template check`',
              value: median(seconds),
              unit: 's',
              atMost: 2,
              samples: seconds,
            },
            { what: 'findings', value: findings, unit: 'count', atMost: 0 },
          ],
          notes: [`The ${BUILT_IN.size} templates that come with Summoner; the launcher and Node included.`],
        }
      },
    ),
}
