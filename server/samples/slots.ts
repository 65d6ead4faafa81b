/** Slots of time: where an instant falls, how sixty of them are packed, how many become few. Pure. */

export const BLOCK = 60

export const slotAt = (ms: number, step: number): number => Math.floor(ms / 1000 / step)

export const emptyBlock = (): Buffer => packed(new Float32Array(BLOCK).fill(Number.NaN))

const packed = (values: Float32Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength)

export const readSlot = (block: Buffer, slot: number): number => block.readFloatLE((slot % BLOCK) * 4)

export function writeSlot(block: Buffer, slot: number, value: number): void {
  block.writeFloatLE(value, (slot % BLOCK) * 4)
}

/** Of what was measured; NaN when nothing was. */
export function meanOf(values: Iterable<number>): number {
  let [sum, count] = [0, 0]
  for (const value of values)
    if (!Number.isNaN(value)) {
      sum += value
      count++
    }
  return count === 0 ? Number.NaN : sum / count
}

/** At most `most` values: neighbours become their mean. Returns how many became one. */
export function thinned(values: readonly number[], most: number): { values: number[]; by: number } {
  const by = Math.max(1, Math.ceil(values.length / most))
  if (by === 1) return { values: [...values], by }
  const fewer: number[] = []
  // from the end, so that the newest value is a whole one
  for (let end = values.length; end > 0; end -= by)
    fewer.push(meanOf(values.slice(Math.max(0, end - by), end)))
  return { values: fewer.toReversed(), by }
}

/** For people and for JSON: five digits, null for nothing. */
export const shown = (value: number): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(5)) : null
