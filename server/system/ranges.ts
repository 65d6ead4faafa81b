/** IPv4 ranges and the host's routing table. Pure. */
export interface Range {
  first: number
  last: number
}

export function parseRange(cidr: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/u.exec(cidr)
  if (!match) return undefined
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number)
  if (Math.max(a, b, c, d) > 255 || prefix > 32) return undefined
  const size = 2 ** (32 - prefix)
  const first = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size
  return { first, last: first + size - 1 }
}

export const sizeOf = ({ first, last }: Range) => last - first + 1

export const overlap = (a: Range | undefined, b: Range | undefined) =>
  a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last

/** /proc/net/route: little-endian hexadecimal. The default route overlaps everything and is left out. */
export function parseRoutes(table: string): { device: string; range: Range }[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/u)
      const [device, destination, , , , , , mask] = fields
      if (!device || !destination || !mask || mask === '00000000') return []
      const first = littleEndian(destination)
      return [{ device, range: { first, last: first + (0xffff_ffff - littleEndian(mask)) } }]
    })
}

function littleEndian(hex: string): number {
  return Buffer.from(hex, 'hex').readUInt32LE()
}
