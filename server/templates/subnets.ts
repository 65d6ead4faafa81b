/** Small networks for minions, cut from the box's pool: Docker's own pools end at about 31 networks. */
import { SummonerError } from '../errors.ts'

interface Range {
  first: number
  /** Exclusive. */
  end: number
}

/**
 * One free subnet of `prefixLength` for every key, lowest first. `taken` are CIDRs of the engine's networks, of other
 * minions and of the host's routes; what is not IPv4 is ignored.
 */
export function nextSubnets(
  pool: string,
  prefixLength: number,
  taken: readonly string[],
  networkKeys: readonly string[],
): Record<string, string> {
  const range = rangeOf(pool)
  if (!range) throw new SummonerError('subnet.exhausted', `"${pool}" is not an IPv4 range.`)
  const size = 2 ** (32 - prefixLength)
  const busy = taken
    .map(rangeOf)
    // A default route covers everything and reserves nothing.
    .filter((other): other is Range => other !== undefined && other.end - other.first < 2 ** 32)
    .toSorted((a, b) => a.first - b.first)
  const found: Record<string, string> = {}
  let candidate = Math.ceil(range.first / size) * size
  let next = 0
  for (const key of networkKeys) {
    for (;;) {
      while (next < busy.length && (busy[next]?.end ?? 0) <= candidate) next += 1
      const obstacle = busy[next]
      if (!obstacle || obstacle.first >= candidate + size) break
      candidate = Math.ceil(obstacle.end / size) * size
    }
    if (candidate + size > range.end) {
      throw new SummonerError('subnet.exhausted', `No free /${prefixLength} network is left in ${pool}.`)
    }
    found[key] = `${addressText(candidate)}/${prefixLength}`
    candidate += size
  }
  return found
}

/** The addresses of one network: gateway first, then the fixed ones; the upper half is the engine's to give away. */
export function addressesOf(cidr: string): {
  gateway: string
  dynamic: string
  fixed: (index: number) => string
} {
  const { first, end } = rangeOf(cidr) ?? { first: 0, end: 16 }
  const half = (end - first) / 2
  return {
    gateway: addressText(first + 1),
    dynamic: `${addressText(first + half)}/${33 - Math.log2(end - first)}`,
    fixed: (index) => {
      if (index + 2 >= half) throw new SummonerError('render.failed', `The network ${cidr} is too small.`)
      return addressText(first + 2 + index)
    },
  }
}

/** The smallest network that holds this many fixed and dynamic addresses in its two halves; at least a /28. */
export function prefixFor(fixed: number, dynamic: number): number {
  let prefix = 28
  // Lower half: network, gateway, fixed. Upper half: dynamic, broadcast.
  while (prefix > 16 && (fixed + 2 > 2 ** (31 - prefix) || dynamic + 1 > 2 ** (31 - prefix))) prefix -= 1
  return prefix
}

function rangeOf(cidr: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr)
  if (!match) return undefined
  const numbers = match.slice(1).map(Number)
  const prefix = numbers.pop() ?? 33
  if (prefix > 32 || numbers.some((number) => number > 255)) return undefined
  const size = 2 ** (32 - prefix)
  const address = numbers.reduce((sum, number) => sum * 256 + number, 0)
  const first = address - (address % size)
  return { first, end: first + size }
}

function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}
