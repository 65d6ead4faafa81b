/** The lines in which two texts differ. Pure. */

/** More lines than that are not compared one by one: what was between is shown as taken out and put in. */
const COMPARED = 1500
const LONGEST = 32_768

/** `-` before, `+` after, in the order of the text; empty when nothing differs. */
export function lineDiff(before: string, after: string): string {
  if (before === after) return ''
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  let head = 0
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head++
  let tail = 0
  while (
    tail < Math.min(old.length, fresh.length) - head &&
    old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]
  )
    tail++
  const text = changes(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail)).join('\n')
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}\n…`
}

function changes(old: readonly string[], fresh: readonly string[]): string[] {
  if (old.length > COMPARED || fresh.length > COMPARED)
    return [...old.map((line) => `-${line}`), ...fresh.map((line) => `+${line}`)]
  const width = fresh.length + 1
  // longest common subsequence of the ends, from the back
  const common = new Uint16Array((old.length + 1) * width)
  const at = (row: number, column: number) => common[row * width + column] ?? 0
  for (let row = old.length - 1; row >= 0; row--)
    for (let column = fresh.length - 1; column >= 0; column--)
      common[row * width + column] =
        old[row] === fresh[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1))
  const lines: string[] = []
  let [row, column] = [0, 0]
  while (row < old.length || column < fresh.length)
    if (row < old.length && column < fresh.length && old[row] === fresh[column]) {
      row++
      column++
    } else if (column >= fresh.length || (row < old.length && at(row + 1, column) >= at(row, column + 1)))
      lines.push(`-${old[row++]}`)
    else lines.push(`+${fresh[column++]}`)
  return lines
}
