/** The known word nearest to a mistyped one; undefined when none is near enough to be a likely slip. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined
  const limit = word.length < 3 ? 1 : word.length < 6 ? 2 : 3
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** As the end of a sentence: `; did you mean "ghost"?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const best = suggest(word, known)
  return best === undefined ? '' : `; did you mean "${best}"?`
}

/** Damerau-Levenshtein on adjacent letters: one swap is one slip. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let distance = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) distance = Math.min(distance, (beforeLast[column - 2] ?? 0) + 1)
      current.push(distance)
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}
