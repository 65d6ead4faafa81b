/** The one place that knows uPlot. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Samples } from '../../../server/samples/sample.ts'

interface Look {
  colours: readonly string[]
  line: string
  text: string
  language: string
  written(value: number): string
}

const HEIGHT = 180

/** Draws into the element; answers how to take it away again. */
export function draw(into: HTMLElement, { from, step, series }: Samples, look: Look): () => void {
  const start = Date.parse(from) / 1000
  const count = Math.max(0, ...series.map(({ values }) => values.length))
  const times = Array.from({ length: count }, (_, index) => start + index * step)
  const long = count * step > 2 * 86_400
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
      scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
      axes: [
        {
          ...axis,
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
        { label: '', value: (_plot, at: number | null) => (at === null ? '' : exact.format(at * 1000)) },
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
    [times, ...series.map(({ values }) => values)],
    into,
  )
  const observer = new ResizeObserver(() => plot.setSize({ width: into.clientWidth, height: HEIGHT }))
  observer.observe(into)
  return () => {
    observer.disconnect()
    plot.destroy()
  }
}
