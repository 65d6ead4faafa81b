import type { Check, Finding } from '../doctor.ts'
import type { HostNetwork } from '../host.ts'

export interface NamesDeps {
  network: Pick<HostNetwork, 'addresses' | 'lookup' | 'resolve'>
  domain: () => Promise<string>
  hosts: () => Promise<string[]>
}

/** Names that the public DNS will never know (RFC 6761, 8375, 9476 and habit). */
const INTERNAL =
  /(?:^|\.)(?:localhost|test|example|invalid|internal|local|lan|home|home\.arpa|intranet|corp|private)$/u
const SHOWN = 5

export const namesCheck = ({ network, domain, hosts }: NamesDeps): Check => ({
  id: 'names',
  title: 'Host names',
  run: async () => {
    const base = await domain()
    const all = [...new Set([...(await hosts()), `summoner.${base}`])].sort()
    const own = network.addresses()
    const internal = all.filter((host) => INTERNAL.test(host))
    const open = all.filter((host) => !INTERNAL.test(host))
    if (open.length === 0) return internalNames(internal, own, network)
    const looked = await Promise.all(open.map(async (host) => ({ host, found: await network.resolve(host) })))
    const missing = looked.filter(({ found }) => found.length === 0)
    const elsewhere = looked.filter(
      ({ found }) => found.length > 0 && !found.some((address) => own.includes(address)),
    )
    const address = own.find(isPublic)
    if (missing.length > 0)
      return {
        state: 'fail',
        detail: `No DNS record: ${some(missing.map(({ host }) => host))}`,
        hint: recordHint(
          base,
          missing.map(({ host }) => host),
          address ?? '<address of this server>',
        ),
      }
    if (elsewhere.length === 0) return { state: 'ok', detail: `${open.length} names point to this server.` }
    const list = some(elsewhere.map(({ host, found }) => `${host} → ${found.join(', ')}`))
    if (address === undefined)
      return {
        state: 'warn',
        detail: `This server only has private addresses (${own.join(', ')}); the names point to others:\n${list}`,
        hint: 'If a router or cloud network stands in front, let it forward ports 80 and 443 to this server.',
      }
    return {
      state: 'fail',
      detail: `These names point to another server than this one (${address}):\n${list}`,
      hint: recordHint(
        base,
        elsewhere.map(({ host }) => host),
        address,
      ),
    }
  },
})

/** Internal names are fine; who cannot resolve them is told the line to add. */
async function internalNames(
  hosts: readonly string[],
  own: readonly string[],
  network: Pick<HostNetwork, 'lookup'>,
): Promise<Finding> {
  const [address = '127.0.0.1'] = own
  const named = hosts.filter((host) => !/(?:^|\.)localhost$/u.test(host))
  const looked = await Promise.all(named.map(async (host) => ({ host, found: await network.lookup(host) })))
  const here = (found: string) => own.includes(found) || found.startsWith('127.') || found === '::1'
  const unknown = looked.filter(({ found }) => !found.some(here)).map(({ host }) => host)
  const detail = `${hosts.length} internal names.`
  if (unknown.length === 0) return { state: 'ok', detail }
  return {
    state: 'ok',
    detail: `${detail} ${unknown.length === hosts.length ? 'None' : 'Not all'} of them resolve here.`,
    hint: `Add to /etc/hosts of every computer that uses them:\n${address} ${unknown.join(' ')}`,
  }
}

function recordHint(domain: string, hosts: readonly string[], address: string): string {
  const type = address.includes(':') ? 'AAAA' : 'A'
  const below = hosts.filter((host) => host.endsWith(`.${domain}`))
  const lines =
    below.length > 1
      ? [`*.${domain}. ${type} ${address}`]
      : below.map((host) => `${host}. ${type} ${address}`)
  const rest = hosts.filter((host) => !below.includes(host)).map((host) => `${host}. ${type} ${address}`)
  return ['Add at your DNS provider:', ...lines, ...rest].join('\n')
}

const some = (list: readonly string[]) =>
  list.length > SHOWN ? `${list.slice(0, SHOWN).join(', ')} and ${list.length - SHOWN} more` : list.join(', ')

function isPublic(address: string): boolean {
  if (address.includes(':')) return !/^(?:f[cd]|fe80|::1$)/iu.test(address)
  return !/^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/u.test(
    address,
  )
}
