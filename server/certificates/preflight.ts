/** Looks for what will make an order fail before the server is asked: DNS, CAA, port 80. */
import type { AcmeSource } from './source.ts'

export interface NameFacts {
  /** A and AAAA; undefined when DNS itself did not answer. */
  addresses: string[] | undefined
  /** The CAA records that apply: those of the name, or of the nearest parent that has some. */
  caa: { critical: number; issue?: string | undefined; issuewild?: string | undefined }[]
  /** Addresses of this machine. */
  own: string[]
  /** A file of ours was found at port 80 of the name; undefined when nobody asked. */
  answered: boolean | undefined
  /** Addresses of the name where somebody else answers at port 80. */
  strangers: string[]
}

/** Why the order would fail, for people; undefined when nothing speaks against it. Pure. */
export function causeOf(
  name: string,
  facts: NameFacts,
  { caa, dns, required }: { caa?: string; dns: boolean; required: boolean },
): string | undefined {
  const wildcard = name.startsWith('*.')
  if (wildcard && !dns) return `${name} needs DNS-01: give \`dns\` beside \`acme\` in config.yml.`
  if (caa !== undefined) {
    const tags = facts.caa.filter(({ issue, issuewild }) => issue !== undefined || issuewild !== undefined)
    const wild = tags.filter(({ issuewild }) => issuewild !== undefined)
    const relevant =
      wildcard && wild.length > 0 ? wild.map(({ issuewild }) => issuewild) : tags.map(({ issue }) => issue)
    const values = relevant.filter((value) => value !== undefined)
    if (values.length > 0 && !values.some((value) => value.split(';')[0]?.trim() === caa))
      return `A CAA record of ${name} allows only ${values.map((value) => JSON.stringify(value)).join(', ')}; add 0 issue "${caa}".`
  }
  if (dns) return undefined
  if (facts.addresses === undefined) return `DNS did not answer when ${name} was asked for.`
  if (facts.addresses.length === 0) return `${name} has no A or AAAA record in DNS.`
  // behind a router the public address is nobody's own, and often cannot be reached from inside
  const hidden = required && facts.own.every(isPrivate)
  if (facts.answered === true)
    // the server asks one of them, an IPv6 address first
    return facts.strangers.length === 0 || hidden
      ? undefined
      : `${name} also points to ${facts.strangers.join(', ')}, where another server answers at port 80; take that A or AAAA record out.`
  const foreign = facts.addresses.filter((address) => !facts.own.includes(address))
  if (foreign.length === 0)
    return facts.answered === false
      ? `Port 80 of ${name} does not answer from here; nginx may not run.`
      : undefined
  if (hidden) return undefined
  return `${name} points to ${foreign.join(', ')}, and nothing of this server answers there at port 80 (its own addresses: ${facts.own.join(', ') || 'none'}).`
}

const isPrivate = (address: string): boolean =>
  /^(10\.|127\.|192\.168\.|169\.254\.|172\.(1[6-9]|2[0-9]|3[01])\.|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|fe80:|f[cd]|::1$)/i.test(
    address,
  )

export type LookAt = (name: string, source: AcmeSource) => Promise<NameFacts>

/** A wildcard is proven by DNS only. Pure. */
export function wildcardCause({ names, dns }: Pick<AcmeSource, 'names' | 'dns'>): string | undefined {
  const wildcard = dns === undefined && names.find((name) => name.startsWith('*.'))
  return wildcard ? `${wildcard} needs DNS-01: give \`dns\` beside \`acme\` in config.yml.` : undefined
}

/** The first cause among the names. */
export async function preflight(
  source: AcmeSource,
  caa: string | undefined,
  look: LookAt,
): Promise<string | undefined> {
  const wildcard = wildcardCause(source)
  if (wildcard !== undefined) return wildcard
  for (const name of source.names) {
    const facts = await look(name, source)
    const cause = causeOf(name, facts, {
      ...(caa === undefined ? {} : { caa }),
      dns: source.dns !== undefined,
      required: source.required,
    })
    if (cause !== undefined) return cause
  }
  return undefined
}
