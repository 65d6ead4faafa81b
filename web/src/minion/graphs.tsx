/** Figures over time, from an hour to two years. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { MinionMetric, Range, Samples } from '../../../server/samples/sample.ts'
import { useAsk } from '../api/ask.ts'
import { get, part } from '../api/client.ts'
import { bytes, language, number, percent, t } from '../i18n/i18n.ts'
import { Skeleton } from '../parts/empty.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { shown } from '../session/theme.ts'

const RANGES = ['hour', 'day', 'month', 'years'] as const satisfies readonly Range[]
const METRICS = [
  'cpu',
  'memory',
  'network_in',
  'network_out',
  'disk_read',
  'disk_write',
  'requests',
  'response_time',
] as const satisfies readonly MinionMetric[]

export function Graphs({ name }: { name: string }) {
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
        {METRICS.map((metric) => (
          <Graph key={metric} name={name} metric={metric} range={range} />
        ))}
      </div>
    </section>
  )
}

function Graph({ name, metric, range }: { name: string; metric: (typeof METRICS)[number]; range: Range }) {
  const samples = useAsk(
    () => get<Samples>(`/minions/${part(name)}/samples?metric=${metric}&range=${range}&points=360`),
    [name, metric, range],
    { everyMs: range === 'hour' ? 10_000 : 60_000 },
  )
  return (
    <figure class="card graph">
      <figcaption class="strong small">{t(`metric.${metric}`)}</figcaption>
      {samples.trouble ? (
        <TroubleNote trouble={samples.trouble} />
      ) : samples.data === undefined ? (
        <Skeleton lines={1} height={180} />
      ) : samples.data.series.every(({ values }) => values.every((value) => value === null)) ? (
        <p class="faint small">{t('graphs.none')}</p>
      ) : (
        <Plot samples={samples.data} label={t(`metric.${metric}`)} />
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

const COLOURS = ['--accent', '--notice', '--warn', '--ok', '--bad']

function Plot({ samples, label }: { samples: Samples; label: string }) {
  const box = useRef<HTMLDivElement>(null)
  const theme = shown.value
  const spoken = language()
  useEffect(() => {
    const { current } = box
    if (!current) return
    let gone = false
    let stop = () => {}
    void import('./draw.ts').then(({ draw }) => {
      if (gone) return
      const style = getComputedStyle(document.documentElement)
      const colour = (name: string) => style.getPropertyValue(name).trim()
      stop = draw(current, samples, {
        colours: COLOURS.map(colour),
        line: colour('--g4'),
        text: colour('--g10'),
        language: spoken,
        written: (value) => written(value, samples.unit),
      })
    })
    return () => {
      gone = true
      stop()
    }
  }, [samples, theme, spoken])
  const newest = samples.series.map(({ name, values }) => {
    const value = values.findLast((one) => one !== null)
    return `${name} ${value === undefined || value === null ? '' : written(value, samples.unit)}`
  })
  return <div class="plot" ref={box} role="img" aria-label={`${label}: ${newest.join(', ')}`} />
}
