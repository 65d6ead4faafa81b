/**
 * `node bench/bare-server.ts logs/install.log`: how long the first run of the installer on a bare server took, step by
 * step, from its own log, until the sites answered. Run on that server, or on the machine that the server is a container of.
 */
import { readFileSync } from 'node:fs'
import type { Measure } from './figure.ts'
import { machine, versions } from './machine.ts'
import { reached, record, sentence } from './record.ts'

const UNITS = { s: 1, min: 60, h: 3600 } as const

const file = process.argv[2]
if (file === undefined) {
  console.error('node bench/bare-server.ts LOG: the path of logs/install.log is missing.')
  process.exit(2)
}
const run = firstRun(readFileSync(file, 'utf8'))
const measures: Measure[] = [
  { what: 'from a bare server to the sites answering', value: run.whole, unit: 's', atMost: 360 },
  {
    what: 'of that, the slowest minion without providing its images',
    value: Math.max(...[...run.minions.values()].map(({ others }) => others)),
    unit: 's',
    atMost: 60,
  },
  ...run.steps.map(({ title, seconds }): Measure => ({ what: `step “${title}”`, value: seconds, unit: 's' })),
]
for (const measure of measures) console.log(`${reached(measure) ? '  ' : '✖ '}${sentence(measure)}`)
const perMinion = [...run.minions].map(
  ([name, { images, others }]) =>
    `${name} ${images.toFixed(0)} s for images, ${others.toFixed(1)} s for the rest`,
)
await record(
  {
    figure: 'bare-server',
    title: 'From a bare server to a running kit',
    at: run.at,
    rounds: 1,
    machine: machine(),
    versions: await versions(),
    measures,
    notes: [
      `\`${run.command}\` on ${run.system}; nothing was there before, images were built from packages where no registry answers.`,
      `Minions are brought up side by side, one image at a time: ${perMinion.join('; ')}.`,
    ],
  },
  [],
)

interface Run {
  command: string
  system: string
  at: string
  /** Seconds. */
  whole: number
  steps: { title: string; seconds: number }[]
  minions: Map<string, { images: number; others: number }>
}

/** The first run that ended well. */
function firstRun(text: string): Run {
  const found = text.split(/^(?===== )/m).find((part) => /^-- .*: \d+ s in all, status 0$/m.test(part))
  if (found === undefined) throw new Error('This log holds no run of install.sh that ended well.')
  const [, at = '', command = ''] = /^==== (\S+) (.*)$/m.exec(found) ?? []
  const marks = [...found.matchAll(/^-- (.*): (\d+) s (?:so far|in all, status 0)$/gm)]
  const steps = marks.map(([, title = '', until], index) => ({
    title,
    seconds: Number(until) - Number(marks[index - 1]?.[2] ?? 0),
  }))
  const minions: Run['minions'] = new Map()
  for (const [, minion = '', step, took = ''] of found.matchAll(/^(\S+): (\S+): done \((.*)\)$/gm)) {
    const sums = minions.get(minion) ?? { images: 0, others: 0 }
    sums[step === 'images' ? 'images' : 'others'] += spoken(took)
    minions.set(minion, sums)
  }
  const system = /^ +(.*), \d+ MiB of memory/m.exec(found)?.[1] ?? 'an unnamed system'
  return { command, system, at, whole: Number(marks.at(-1)?.[2]), steps, minions }
}

/** The command's own words for a time: `9.9 s`, `1 min 05 s`. */
function spoken(text: string): number {
  const parts = [...text.matchAll(/([\d.]+) (s|min|h)/g)]
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS], 0)
}
