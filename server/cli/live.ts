/** A block of lines that is redrawn in place. Only for terminals. */
import type { Output } from './output.ts'

export interface Live {
  draw(lines: string[]): void
  /** Leaves the last drawing on the screen and gives the cursor back. */
  done(): void
}

const HIDE = '\u001B[?25l'
const SHOW = '\u001B[?25h'

export function createLive(out: Pick<Output, 'raw' | 'rows'>): Live {
  let height = 0
  let previous = ''
  return {
    draw: (lines) => {
      // A block higher than the window could not be reached again: the top is left out.
      const visible = lines.slice(-(out.rows() - 1))
      const text = visible.map((line) => `${line}\n`).join('')
      if (text === previous) return
      out.raw(`${HIDE}${height > 0 ? `\u001B[${height}A\r\u001B[J` : ''}${text}`)
      height = visible.length
      previous = text
    },
    done: () => {
      if (previous !== '') out.raw(SHOW)
      height = 0
      previous = ''
    },
  }
}
