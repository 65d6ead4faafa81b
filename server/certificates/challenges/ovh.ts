/** OVHcloud: every call is signed with the application's secret, the consumer's key and the server's own time. */
import { createHash } from 'node:crypto'
import { type Answer, type ApiDeps, createAsk, listOf, quoted, textAt, unquoted, zoneOf } from './dns-api.ts'
import type { DnsProvider, TxtRecord } from './dns-provider.ts'

const APIS = {
  eu: 'https://eu.api.ovh.com/1.0',
  ca: 'https://ca.api.ovh.com/1.0',
  us: 'https://api.us.ovhcloud.com/1.0',
}
const TTL = 60

export interface OvhKeys {
  region?: keyof typeof APIS
  /** The application's public name. */
  key: string
  secret: string
  consumer: string
}

export function createOvh({
  transport,
  region = 'eu',
  api = APIS[region],
  zone,
  now,
  ...keys
}: ApiDeps & OvhKeys & { now(): Date }): DnsProvider {
  const ask = createAsk('OVHcloud', transport)
  /** Seconds by which their clock is ahead: a signature from the wrong time is refused. */
  let ahead: number | undefined

  const signed = async (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    { body, also = [] }: { body?: unknown; also?: number[] } = {},
  ): Promise<Answer> => {
    if (ahead === undefined) {
      const { data } = await ask({ method: 'GET', url: `${api}/auth/time`, headers: {} })
      ahead = Number(data) - seconds(now())
    }
    const url = `${api}${path}`
    const timestamp = String(seconds(now()) + ahead)
    const headers = {
      'x-ovh-application': keys.key,
      'x-ovh-consumer': keys.consumer.trim(),
      'x-ovh-timestamp': timestamp,
      'x-ovh-signature': signatureOf({ ...keys, method, url, body, timestamp }),
    }
    return ask({ method, url, headers, also, ...(body === undefined ? {} : { body }) })
  }

  const placeOf = (name: string) =>
    zoneOf({ provider: 'OVHcloud', name, ...(zone ? { zone } : {}) }, async (asked) => {
      const { status } = await signed('GET', `/domain/zone/${asked}`, { also: [404] })
      return status === 404 ? undefined : asked
    })

  return {
    async add({ name, value }: TxtRecord) {
      const place = await placeOf(name)
      const body = { fieldType: 'TXT', subDomain: place.label, target: quoted(value), ttl: TTL }
      await signed('POST', `/domain/zone/${place.zone}/record`, { body })
      await signed('POST', `/domain/zone/${place.zone}/refresh`)
    },
    async remove({ name, value }: TxtRecord) {
      const place = await placeOf(name)
      const records = `/domain/zone/${place.zone}/record`
      const { data } = await signed('GET', `${records}?fieldType=TXT&subDomain=${place.label}`)
      for (const id of listOf(data)) {
        const { data: record } = await signed('GET', `${records}/${String(id)}`, { also: [404] })
        if (unquoted(textAt(record, 'target')) === value)
          await signed('DELETE', `${records}/${String(id)}`, { also: [404] })
      }
      await signed('POST', `/domain/zone/${place.zone}/refresh`)
    },
  }
}

interface Signed {
  secret: string
  consumer: string
  method: string
  url: string
  body?: unknown
  timestamp: string
}

/** `$1$` and the SHA-1 of everything that matters, joined by plus signs. Pure. */
export function signatureOf({ secret, consumer, method, url, body, timestamp }: Signed): string {
  const text = body === undefined ? '' : JSON.stringify(body)
  const clear = [secret.trim(), consumer.trim(), method, url, text, timestamp].join('+')
  return `$1$${createHash('sha1').update(clear).digest('hex')}`
}

const seconds = (time: Date): number => Math.floor(time.getTime() / 1000)
