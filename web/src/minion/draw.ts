/** The one place that knows uPlot. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Samples } from '../../../server/samples/sample.ts'

interface Look {
  colours: readonly string[]
  line: string
  text: string
  language: string
  /** What stands before the time under the cursor. */
  time: string
  /** The top of the scale where the values are smaller. */
  least: number
  written(value: number): string
}

const HEIGHT = 180

export interface Drawn {
  /** The same series, later; what is pointed at stays pointed at. */
  set(samples: Samples): void
  stop(): void
}

export function draw(into: HTMLElement, samples: Samples, look: Look): Drawn {
  const { series, step } = samples
  const long = lengthOf(samples) * step > 2 * 86_400
  const clock = new Intl.DateTimeFormat(
    look.language,
    long ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' },
  )
  const exact = new Intl.DateTimeFormat(look.language, { dateStyle: 'short', timeStyle: 'medium' })
  const axis = { stroke: look.text, font: '12px system-ui', ticks: { show: false } }
  const plot = new uPlot(
    {
      width: into.clientWidth,
      height: HEIGHT,
      cursor: { y: false, points: { size: 6 } },
      legend: { live: true },
      hooks: { ready: [rest], setCursor: [rest] },
      scales: { y: { range: (_plot, _low, high) => [0, Math.max((high || 0) * 1.1, look.least)] } },
      axes: [
        {
          ...axis,
          size: 36,
          gap: 10,
          grid: { show: false },
          values: (_plot, ticks) => ticks.map((tick) => clock.format(tick * 1000)),
        },
        {
          ...axis,
          size: 70,
          space: 50,
          grid: { stroke: look.line, width: 1 },
          values: (_plot, ticks) => ticks.map((tick) => look.written(tick)),
        },
      ],
      series: [
        {
          label: look.time,
          value: (_plot, at: number | null) => (at === null ? '–' : exact.format(at * 1000)),
        },
        ...series.map(({ name }, index) => {
          const colour = look.colours[index % look.colours.length] ?? look.text
          return {
            label: name,
            stroke: colour,
            fill: `color-mix(in srgb, ${colour} 8%, transparent)`,
            width: 1.5,
            points: { show: false },
            spanGaps: false,
            value: (_plot: uPlot, value: number | null) => (value === null ? '–' : look.written(value)),
          }
        }),
      ],
    },
    dataOf(samples),
    into,
  )
  const observer = new ResizeObserver(() => plot.setSize({ width: into.clientWidth, height: HEIGHT }))
  observer.observe(into)
  return {
    set(later) {
      plot.setData(dataOf(later))
      rest(plot)
    },
    stop() {
      observer.disconnect()
      plot.destroy()
    },
  }
}

/** Where nothing is pointed at, the legend says the newest values. */
function rest(plot: uPlot): void {
  if (plot.cursor.idx !== null && plot.cursor.idx !== undefined) return
  const [times, ...values] = plot.data
  const last = times.findLastIndex((_, index) => values.some((one) => typeof one[index] === 'number'))
  if (last >= 0) plot.setLegend({ idx: last })
}

const lengthOf = ({ series }: Samples): number => Math.max(0, ...series.map(({ values }) => values.length))

function dataOf(samples: Samples): uPlot.AlignedData {
  const start = Date.parse(samples.from) / 1000
  const times = Array.from({ length: lengthOf(samples) }, (_, index) => start + index * samples.step)
  return [times, ...samples.series.map(({ values }) => values)]
}
