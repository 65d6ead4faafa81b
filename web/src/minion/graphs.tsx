/** Figures over time, from an hour to two years. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { MinionMetric, Range, Samples } from '../../../server/samples/sample.ts'
import type { Drawn } from './draw.ts'
import { useAsk } from '../api/ask.ts'
import { get, part } from '../api/client.ts'
import { bytes, language, number, percent, t, type Key } from '../i18n/i18n.ts'
import { Skeleton } from '../parts/empty.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { shown } from '../session/theme.ts'

const RANGES = ['hour', 'day', 'month', 'years'] as const satisfies readonly Range[]
/** What is read together stands together. */
const GRAPHS = [
  { title: 'metric.cpu', metrics: ['cpu'] },
  { title: 'metric.memory', metrics: ['memory'] },
  { title: 'metric.network', metrics: ['network_in', 'network_out'] },
  { title: 'metric.disk', metrics: ['disk_read', 'disk_write'] },
  { title: 'metric.requests', metrics: ['requests'], visits: true },
  { title: 'metric.response_time', metrics: ['response_time'], visits: true },
] as const satisfies readonly { title: Key; metrics: readonly MinionMetric[]; visits?: true }[]
type Shown = (typeof GRAPHS)[number]

/** `visited`: it has an address where somebody may ask. */
export function Graphs({ name, visited }: { name: string; visited: boolean }) {
  const [range, setRange] = useState<Range>('hour')
  return (
    <section class="stack" aria-labelledby="graphs">
      <div class="spread">
        <h2 id="graphs">{t('graphs')}</h2>
        <div class="chips" role="group" aria-label={t('graphs.range')}>
          {RANGES.map((one) => (
            <button type="button" class="chip" aria-pressed={range === one} onClick={() => setRange(one)}>
              {t(`graphs.${one}`)}
            </button>
          ))}
        </div>
      </div>
      <div class="graphs">
        {GRAPHS.filter((graph) => visited || !('visits' in graph)).map((graph) => (
          <Graph key={graph.title} name={name} graph={graph} range={range} />
        ))}
      </div>
    </section>
  )
}

async function read(minion: string, { metrics }: Shown, range: Range): Promise<Samples | undefined> {
  const all = await Promise.all(
    metrics.map(async (metric) => ({
      metric,
      samples: await get<Samples>(
        `/minions/${part(minion)}/samples?metric=${metric}&range=${range}&points=360`,
      ),
    })),
  )
  const [first] = all
  if (!first || metrics.length === 1) return first?.samples
  const several = first.samples.series.length > 1
  const series = all.flatMap(({ metric, samples }) =>
    samples.series.map(({ name, values }) => {
      const way = t(`metric.${metric}` as Key)
      return { name: several ? `${name}, ${way}` : way, values }
    }),
  )
  return { ...first.samples, series }
}

function Graph({ name, graph, range }: { name: string; graph: Shown; range: Range }) {
  const samples = useAsk(() => read(name, graph, range), [name, graph, range], {
    everyMs: range === 'hour' ? 10_000 : 60_000,
  })
  const nothing = samples.data?.series.every(({ values }) => values.every((value) => value === null))
  return (
    <figure class="card graph">
      <figcaption class="strong small">{t(graph.title)}</figcaption>
      {samples.trouble ? (
        <TroubleNote trouble={samples.trouble} />
      ) : samples.data === undefined ? (
        <Skeleton lines={1} height={180} />
      ) : nothing ? (
        <p class="faint small nothing">{t('graphs.none')}</p>
      ) : (
        <Plot samples={samples.data} label={t(graph.title)} />
      )}
    </figure>
  )
}

function written(value: number, unit: Samples['unit']): string {
  if (unit === 'percent') return percent(value)
  if (unit === 'bytes') return bytes(value)
  if (unit === 'bytes/s') return `${bytes(value)}/s`
  if (unit === 'seconds') return `${number(value * 1000)} ms`
  if (unit === 'requests/s') return `${number(value, 2)}/s`
  return number(value, 1)
}

/** The least height of a scale: nothing at all is a line at its foot, not a mountain. */
const LEAST: Partial<Record<Samples['unit'], number>> = {
  percent: 5,
  bytes: 1_000_000,
  'bytes/s': 1_000,
  seconds: 0.05,
  'requests/s': 0.1,
}

const COLOURS = ['--accent', '--notice', '--warn', '--ok', '--bad']

function Plot({ samples, label }: { samples: Samples; label: string }) {
  const box = useRef<HTMLDivElement>(null)
  const drawn = useRef<Drawn | undefined>(undefined)
  const newestSamples = useRef(samples)
  newestSamples.current = samples
  const theme = shown.value
  const spoken = language()
  const form = [samples.unit, samples.step, ...samples.series.map(({ name }) => name)].join('/')
  useEffect(() => {
    const { current } = box
    if (!current) return
    let gone = false
    void import('./draw.ts').then(({ draw }) => {
      if (gone) return
      const style = getComputedStyle(document.documentElement)
      const colour = (name: string) => style.getPropertyValue(name).trim()
      drawn.current = draw(current, newestSamples.current, {
        colours: COLOURS.map(colour),
        line: colour('--g4'),
        text: colour('--g10'),
        language: spoken,
        time: t('graphs.at'),
        least: LEAST[samples.unit] ?? 1,
        written: (value) => written(value, samples.unit),
      })
    })
    return () => {
      gone = true
      drawn.current?.stop()
      drawn.current = undefined
    }
  }, [form, theme, spoken])
  useEffect(() => drawn.current?.set(samples), [samples])
  const newest = samples.series.map(({ name, values }) => {
    const value = values.findLast((one) => one !== null)
    return `${name} ${value === undefined || value === null ? '' : written(value, samples.unit)}`
  })
  return <div class="plot" ref={box} role="img" aria-label={`${label}: ${newest.join(', ')}`} />
}
