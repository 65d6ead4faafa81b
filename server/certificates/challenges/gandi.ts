/** Gandi LiveDNS, by a personal access token. It replaces whole record sets, so what else lies there is read first. */
import type { Turn } from '../../jobs/turn.ts'
import { type ApiDeps, createAsk, listOf, quoted, unquoted, zoneOf } from './dns-api.ts'
import type { DnsProvider, TxtRecord } from './dns-provider.ts'

const API = 'https://api.gandi.net/v5/livedns'
/** The least that it takes. */
const TTL = 300

export function createGandi({
  token,
  transport,
  turn,
  api = API,
  zone,
}: ApiDeps & { token: string; turn: Turn }): DnsProvider {
  const ask = createAsk('Gandi', transport)
  const headers = { authorization: `Bearer ${token.trim()}` }
  const urlOf = async (name: string): Promise<string> => {
    const place = await zoneOf({ provider: 'Gandi', name, ...(zone ? { zone } : {}) }, async (asked) => {
      const { status } = await ask({
        method: 'GET',
        url: `${api}/domains/${asked}`,
        headers,
        also: [403, 404],
      })
      return status < 300 ? asked : undefined
    })
    return `${api}/domains/${place.zone}/records/${place.label}/TXT`
  }
  const change = (name: string, edit: (values: string[]) => string[]): Promise<void> =>
    turn(async () => {
      const url = await urlOf(name)
      const { data } = await ask({ method: 'GET', url, headers, also: [404] })
      const before = listOf(data, 'rrset_values').map((value) => unquoted(String(value)))
      const after = edit(before)
      if (after.length === before.length) return
      if (after.length === 0) await ask({ method: 'DELETE', url, headers, also: [404] })
      else {
        const body = { rrset_values: after.map(quoted), rrset_ttl: TTL }
        await ask({ method: 'PUT', url, headers, body })
      }
    })
  return {
    add: ({ name, value }: TxtRecord) => change(name, (values) => [...new Set([...values, value])]),
    remove: ({ name, value }: TxtRecord) =>
      change(name, (values) => values.filter((other) => other !== value)),
  }
}
