/** A figure: something measured, against what a person would do by hand, in one run. */

export interface Measure {
  what: string
  value: number
  /** `x`: a ratio. */
  unit: 's' | 'ms' | 'kB' | 'MB' | '%' | 'x' | 'count'
  /** The figure to reach; absent where the number is only told. */
  atMost?: number
  /** Where the value is a median or a percentile of few. */
  samples?: number[]
}

export interface Outcome {
  measures: Measure[]
  /** What a reader must know to judge the numbers. */
  notes: string[]
}

export interface Options {
  rounds: number
  /** 1 for the real counts; less for a quick look, which is not recorded. */
  scale: number
  say(line: string): void
}

export interface Figure {
  name: string
  title: string
  /** Default of `ROUNDS`. */
  rounds: number
  run(options: Options): Promise<Outcome>
}
