/** Neighbours that say the same become one row that counts them; pure. */
export function fold<T>(items: readonly T[], saying: (item: T) => string): T[][] {
  const rows: T[][] = []
  let last: string | undefined
  for (const item of items) {
    const says = saying(item)
    if (says === last) rows.at(-1)?.push(item)
    else rows.push([item])
    last = says
  }
  return rows
}
