/** docs/catalogue.md: what was really tested, on which images, when. Generated from docs/catalogue.json. */
import { LEVELS, type LevelResult } from './level-result.ts'

/** One row for each template and kind of image; the newest try wins. */
export function mergeResults(known: readonly LevelResult[], result: LevelResult): LevelResult[] {
  const same = ({ template, images }: LevelResult) => template === result.template && images === result.images
  return [...known.filter((row) => !same(row)), result].toSorted((a, b) =>
    a.template === b.template ? compare(a.images, b.images) : compare(a.template, b.template),
  )
}

export function cataloguePage(results: readonly LevelResult[], templates: readonly string[]): string {
  const tried = new Set(['nginx', ...results.map(({ template }) => template)])
  const untried = templates.filter((name) => !tried.has(name)).toSorted()
  return `${[
    '# The catalogue as it was tested',
    '',
    'Written by `summoner template test NAME --record`; do not edit. Each row is one try on a real engine: the minion is summoned, a',
    'stranger and the administrator visit it, something is written, it is dismissed with its data kept, summoned again, and read.',
    '',
    ...LEVELS.map((meaning, level) => `- **${level}** ${meaning}`),
    '',
    'Images: *registry* is the upstream image; *distribution build* is the same software from distribution packages; a *stand-in* keeps the',
    'contract of the upstream image (environment, ports, folders, database, health, first administrator) where the software itself could not',
    'be had, so it proves the template, not the application. nginx is the door that every try goes through.',
    '',
    '| template | level | version | images | memory, MiB: promised / taken | tested | remark |',
    '|---|---|---|---|---|---|---|',
    ...results.map(
      ({ template, level, version, images, memory, at, why, remark }) =>
        `| ${template} | ${level} | ${version} | ${images} | ${memory.declared} / ${images === 'stand-in' ? '–' : memory.seen} | ${at.slice(0, 10)} | ${(why ?? remark ?? '').replaceAll('|', '\\|').slice(0, 200)} |`,
    ),
    ...(untried.length > 0 ? ['', `Not tried yet: ${untried.join(', ')}.`] : []),
  ].join('\n')}\n`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
