/** Rules of names and ranges that reach DNS, nginx and the engine: only what passes here is ever written there. */
import { isIPv4 } from 'node:net'
import { domainToASCII } from 'node:url'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Why this cannot be the box's domain, or undefined. */
export function domainProblem(domain: string): string | undefined {
  if (isIPv4(domain) || domain.includes(':')) return 'an address is not a domain; use a name, or "localhost"'
  const problem = labelsProblem(domain)
  if (problem !== undefined) return problem
  if (domain === 'localhost') return undefined
  const labels = domain.split('.')
  if (labels.length < 2) return 'it needs at least two parts, like "example.org" (or is "localhost")'
  if (/^[0-9]+$/.test(labels.at(-1) ?? '')) return 'its last part cannot be a number'
  return undefined
}

/** Why this cannot stand before the domain, or undefined; "@" is the bare domain. */
export function subdomainProblem(subdomain: string): string | undefined {
  return subdomain === '@' ? undefined : labelsProblem(subdomain)
}

export function hostOf(subdomain: string, domain: string): string {
  return subdomain === '@' ? domain : `${subdomain}.${domain}`
}

/** At most 253 characters of labels of at most 63. */
export function labelsProblem(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name.length > 253) return `it has ${name.length} characters, a host name has at most 253`
  if (name.endsWith('.')) return 'it must not end with a dot'
  for (const label of name.split('.')) {
    if (label.length > 63)
      return `"${label.slice(0, 20)}…" has ${label.length} characters, a part has at most 63`
    if (LABEL.test(label)) continue
    if (/[^\0-\x7f]/.test(name)) {
      const ascii = domainToASCII(name)
      return ascii === '' ? 'it has letters that no host name has' : `write it as "${ascii}"`
    }
    if (/[A-Z]/.test(label) && LABEL.test(label.toLowerCase())) return 'write it in lower case'
    return 'use lower-case letters, digits and hyphens, parts joined by single dots'
  }
  return undefined
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] as const

/** Why the minions' networks cannot be cut from this range, or undefined: a private IPv4 range of /8 to /24. */
export function subnetProblem(cidr: string): string | undefined {
  const match = /^([0-9.]+)\/([0-9]{1,2})$/.exec(cidr)
  const [, address = '', size = ''] = match ?? []
  if (!isIPv4(address)) return 'write an IPv4 range like 10.213.0.0/16'
  const prefix = Number(size)
  if (prefix < 8 || prefix > 24) return 'its size must be between /8 and /24'
  const first = numberOf(address)
  const hosts = 2 ** (32 - prefix)
  if (first % hosts !== 0)
    return `it must start at its first address: ${textOf(first - (first % hosts))}/${prefix}`
  const inside = PRIVATE.some((range) => {
    const [base = '', length = ''] = range.split('/')
    const start = numberOf(base)
    return first >= start && first + hosts <= start + 2 ** (32 - Number(length))
  })
  return inside ? undefined : `it must lie within ${PRIVATE.join(', ')}`
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}
