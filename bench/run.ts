/** `npm run bench [name...]`: measures every figure, or only the named ones, and records them. */
import { applyNothing } from './apply-nothing.ts'
import { cold } from './cold.ts'
import { dumpFigure } from './dump.ts'
import { check } from './check.ts'
import { deliver } from './deliver.ts'
import type { Figure } from './figure.ts'
import { hostile } from './hostile.ts'
import { idle } from './idle.ts'
import { ingest } from './ingest.ts'
import { list } from './list.ts'
import { machine, versions } from './machine.ts'
import { manyHosts } from './many-hosts.ts'
import { removeAll } from './own-box.ts'
import { reached, record, sentence } from './record.ts'
import { reload } from './reload.ts'
import { sampling } from './sampling.ts'
import { sharedDatabases } from './shared-databases.ts'
import { summonFigure } from './summon.ts'
import { ten } from './ten.ts'
import { together } from './together.ts'
import { trusted } from './trusted.ts'
import { vhost } from './vhost.ts'
import { web } from './web.ts'

const FIGURES: readonly Figure[] = [
  summonFigure,
  applyNothing,
  ten,
  vhost,
  manyHosts,
  trusted,
  reload,
  idle,
  list,
  sampling,
  dumpFigure,
  cold,
  ingest,
  hostile,
  deliver,
  check,
  together,
  sharedDatabases,
  web,
]

process.once('SIGINT', () => {
  console.log('Removing what was started ...')
  void removeAll().finally(() => process.exit(130))
})

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => FIGURES.every((figure) => figure.name !== name))
if (unknown.length > 0) {
  console.error(
    `No figure is called ${unknown.join(', ')}. There are: ${FIGURES.map(({ name }) => name).join(', ')}.`,
  )
  process.exit(2)
}
const scale = positive('SCALE') ?? 1
let missed = 0
for (const figure of FIGURES.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  const rounds = positive('ROUNDS') ?? figure.rounds
  const before = machine()
  console.log(`\n${figure.title} (${figure.name}, ${rounds} rounds, load ${before.load})`)
  const at = new Date().toISOString()
  try {
    const outcome = await figure.run({ rounds, scale, say: (line) => console.log(`  ${line}`) })
    for (const measure of outcome.measures) {
      if (!reached(measure)) missed++
      console.log(`${reached(measure) ? '  ' : '✖ '}${sentence(measure)}`)
    }
    for (const note of outcome.notes) console.log(`  - ${note}`)
    if (scale === 1)
      await record(
        {
          figure: figure.name,
          title: figure.title,
          at,
          rounds,
          machine: before,
          versions: await versions(),
          ...outcome,
        },
        FIGURES,
      )
  } catch (error) {
    missed++
    console.error(`✖ ${figure.name} was not measured:`, error)
  }
}
console.log(missed === 0 ? '\nEvery figure was reached.' : `\n${missed} missed.`)
process.exitCode = missed === 0 ? 0 : 1

function positive(name: string): number | undefined {
  const value = Number(process.env[name])
  return value > 0 ? value : undefined
}
