/** Results on disk: one file a figure, and the page for people made of all of them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import type { Figure, Measure, Outcome } from './figure.ts'
import type { Machine, Versions } from './machine.ts'

export interface Result extends Outcome {
  figure: string
  title: string
  at: string
  rounds: number
  machine: Machine
  versions: Versions
}

const RESULTS = join(import.meta.dirname, 'results')
const PAGE = join(import.meta.dirname, 'README.md')

export async function record(result: Result, order: readonly Pick<Figure, 'name'>[]): Promise<void> {
  const rounded = result.measures.map(({ samples, ...measure }) => ({
    ...measure,
    value: round(measure.value),
    ...(measure.atMost === undefined ? {} : { reached: reached(measure) }),
    ...(samples ? { samples: samples.map(round) } : {}),
  }))
  const text = JSON.stringify({ ...result, measures: rounded }, null, 2)
  writeFileSync(join(RESULTS, `${result.figure}.json`), `${text}\n`)
  const names = order.map(({ name }) => name)
  const rank = (name: string) => (names.includes(name) ? names.indexOf(name) : names.length)
  const results = readdirSync(RESULTS)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(RESULTS, file), 'utf8')) as Result)
    .sort((a, b) => rank(a.figure) - rank(b.figure))
  const style = (await resolveConfig(PAGE)) ?? {}
  writeFileSync(PAGE, await format(page(results), { ...style, parser: 'markdown' }))
}

/** A value that is no number was not measured, so it was not reached. */
export const reached = ({ value, atMost }: Measure): boolean => atMost === undefined || value <= atMost

export function sentence({ what, value, unit, atMost }: Measure): string {
  return `${what}: ${spoken(value, unit)}${atMost === undefined ? '' : ` (at most ${spoken(atMost, unit)})`}`
}

function page(results: readonly Result[]): string {
  const sections = results.map((result) => {
    const rows = result.measures.map(({ what, value, unit, atMost }) => {
      const goal = atMost === undefined ? '' : `at most ${spoken(atMost, unit)}`
      const verdict = atMost === undefined ? '' : reached({ what, value, unit, atMost }) ? 'yes' : '**no**'
      return `| ${what} | ${spoken(value, unit)} | ${goal} | ${verdict} |`
    })
    const { machine, versions } = result
    const notes = result.notes.map((note) => `- ${note}`)
    return `## ${result.title}

| | measured | figure to reach | reached |
|---|---|---|---|
${rows.join('\n')}

${notes.join('\n')}

\`${result.figure}\`, ${result.at.slice(0, 10)}, ${result.rounds} rounds, load ${machine.load} before; ${machine.cores} x
${machine.cpu}, ${Math.round(machine.memoryMiB / 1024)} GiB, Linux ${machine.kernel}; Summoner ${versions.summoner}, Node ${versions.node},
Docker ${versions.engine}, Compose ${versions.compose}, nginx ${versions.nginx}.
`
  })
  return `# Figures

Made by \`npm run bench\`; do not edit. Each figure is measured against what a person would do by hand, in one run on one
machine, so that the ratios hold where the seconds do not. \`npm run bench vhost list\` measures only these two, \`ROUNDS=9\`
sets the rounds, \`SCALE=0.1\` takes a quick look with a tenth of the counts and records nothing. A Docker engine is
needed, and root; everything that is started is removed again. The time from a bare server to the sites answering is read
from the installer's log: \`node bench/bare-server.ts logs/install.log\`.

${sections.join('\n')}`
}

function spoken(value: number, unit: Measure['unit']): string {
  const digits = unit === 'count' ? 0 : value < 10 ? 2 : value < 100 ? 1 : 0
  const number = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  if (unit === 'count') return number
  return unit === 'x' ? `${number} x` : `${number} ${unit}`
}

const round = (value: number): number => Number(value.toPrecision(4))
