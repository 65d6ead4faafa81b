/** Cloudflare, API v4, by an API token with `Zone.DNS: edit` and `Zone.Zone: read`. */
import { type ApiDeps, createAsk, listOf, quoted, refused, textAt, unquoted, zoneOf } from './dns-api.ts'
import type { DnsProvider, TxtRecord } from './dns-provider.ts'

const API = 'https://api.cloudflare.com/client/v4'
/** The least that an account without Enterprise plan may set. */
const TTL = 60
/** "An identical record already exists." */
const IDENTICAL = ['81057', '81058']

export function createCloudflare({
  token,
  transport,
  api = API,
  zone,
}: ApiDeps & { token: string }): DnsProvider {
  const ask = createAsk('Cloudflare', transport)
  const headers = { authorization: `Bearer ${token.trim()}` }
  const recordsUrl = async (name: string): Promise<string> => {
    const { found } = await zoneOf(
      { provider: 'Cloudflare', name, ...(zone ? { zone } : {}) },
      async (asked) => {
        const { data } = await ask({ method: 'GET', url: `${api}/zones?name=${asked}`, headers })
        return listOf(data, 'result')[0]
      },
    )
    return `${api}/zones/${textAt(found, 'id')}/dns_records`
  }
  return {
    async add({ name, value }: TxtRecord) {
      const url = await recordsUrl(name)
      const body = { type: 'TXT', name, content: quoted(value), ttl: TTL }
      const { status, data } = await ask({ method: 'POST', url, headers, body, also: [400, 409] })
      if (status < 300) return
      if (!listOf(data, 'errors').some((error) => IDENTICAL.includes(textAt(error, 'code'))))
        throw refused('Cloudflare', 'a new TXT record', status, data)
    },
    async remove({ name, value }: TxtRecord) {
      const url = await recordsUrl(name)
      const { data } = await ask({ method: 'GET', url: `${url}?type=TXT&name=${name}&per_page=100`, headers })
      for (const record of listOf(data, 'result'))
        if (unquoted(textAt(record, 'content')) === value)
          await ask({ method: 'DELETE', url: `${url}/${textAt(record, 'id')}`, headers, also: [404] })
    },
  }
}
