/** Everything that can be built here, installed together: what it takes at rest and in use, against what is declared. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { MinionSecrets } from '../server/cli/commands/secrets.ts'
import { createPerson } from '../server/cli/level/person.ts'
import { runSteps, type StepWorld } from '../server/cli/level/steps.ts'
import type { Minion } from '../server/minions/minion.ts'
import type { TemplateDescription } from '../server/templates/template.ts'
import { createBox, type Box } from '../test/box.ts'
import type { Figure, Measure } from './figure.ts'
import { summonTogether, within } from './own-box.ts'
import { timed } from './samples.ts'

const TEMPLATES = [
  'adminer',
  'dokuwiki',
  'ghost',
  'matomo',
  'mediawiki',
  'phpmyadmin',
  'redmine',
  'registry',
  'statik',
  'wordpress',
]
const IDLE_MINUTES = 60
const MIB = 1024 * 1024

export const together: Figure = {
  name: 'together',
  title: 'Every distribution build, installed together',
  rounds: 1,
  run: ({ scale, say }) =>
    within(
      () => createBox({ templates: [], catalogue: TEMPLATES }),
      async (box) => {
        const { seconds } = await timed(async () => {
          for (const template of TEMPLATES) await summonTogether(box, template, [template])
        })
        const healthy = async () => {
          const states = await Promise.all(['nginx', ...TEMPLATES].map((name) => box.minion(name)))
          return states.filter(({ status }) => status === 'running').length
        }
        say(`installed in ${seconds.toFixed(0)} s`)
        await sleep(IDLE_MINUTES * 60_000 * scale)
        const idle = await memoryOf(box)
        let unused = 0
        for (const template of TEMPLATES) {
          const why = await use(box, template)
          if (why === undefined) continue
          unused++
          say(`${template}: ${why}`)
        }
        await sleep(5_000)
        const used = await memoryOf(box)
        const measures: Measure[] = [
          {
            what: 'minions that do not run',
            value: TEMPLATES.length + 1 - (await healthy()),
            unit: 'count',
            atMost: 0,
          },
          { what: 'minions that could not be used', value: unused, unit: 'count', atMost: 0 },
          { what: 'all together, idle', value: sum(idle), unit: 'MB' },
          { what: 'all together, after first use', value: sum(used), unit: 'MB' },
        ]
        for (const name of TEMPLATES) {
          const { usual } = (await descriptionOf(box, name)).resources
          const seen = used.get(name) ?? 0
          say(
            `${name}: idle ${idle.get(name)?.toFixed(0)}, used ${seen.toFixed(0)}, declared ${usual ?? '-'} MiB`,
          )
          measures.push(
            {
              what: `${name}: declared is off by`,
              value: (Math.abs((usual ?? 0) - seen) / seen) * 100,
              unit: '%',
              atMost: 25,
            },
            { what: `${name}: idle`, value: idle.get(name) ?? 0, unit: 'MB' },
            { what: `${name}: after first use`, value: seen, unit: 'MB' },
          )
        }
        return {
          measures,
          notes: [
            `${TEMPLATES.length} templates beside nginx on one machine; images are present; MB are MiB, all containers of a minion, without page cache.`,
            `Idle: ${IDLE_MINUTES} minutes after the last was summoned. First use: what \`summoner template test\` does to sign in and to write.`,
            'Declared is `resources.usual` of minion.yml; `resources.memory` is what a minion may take at most.',
          ],
        }
      },
    ),
}

const sum = (figures: ReadonlyMap<string, number>) => [...figures.values()].reduce((all, one) => all + one, 0)

async function memoryOf(box: Box): Promise<Map<string, number>> {
  const figures = new Map<string, number>()
  for (const name of ['nginx', ...TEMPLATES]) {
    const { body } = await box.api<{ memory: number }[]>('GET', `/minions/${name}/stats`)
    figures.set(name, body.reduce((all, { memory }) => all + memory, 0) / MIB)
  }
  return figures
}

async function descriptionOf(box: Box, template: string): Promise<TemplateDescription> {
  return (await box.api<{ description: TemplateDescription }>('GET', `/templates/${template}`)).body
    .description
}

/** What went wrong. */
async function use(box: Box, template: string): Promise<string | undefined> {
  const { level } = await descriptionOf(box, template)
  const { url = '' } = (await box.api<Minion>('GET', `/minions/${template}`)).body
  const { admin } = (await box.api<Partial<MinionSecrets>>('GET', `/minions/${template}/secrets`)).body
  const address = new URL(url)
  const world: StepWorld = {
    person: createPerson(address),
    stranger: () => createPerson(address),
    variables: {
      USER: admin?.user ?? '',
      PASSWORD: admin?.password ?? '',
      WORDS: 'note of the first visit, été',
      URL: address.origin,
      HOST: address.hostname,
    },
  }
  return runSteps([...(level?.sign_in ?? []), ...(level?.write ?? [])], world)
}
