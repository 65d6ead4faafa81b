/** RFC 2136: signed dynamic updates by `nsupdate`, for BIND, Knot, PowerDNS and the like. */
import type { Exec } from '../../docker/container.ts'
import { asSummonerError, SummonerError } from '../../errors.ts'
import type { DnsProvider, TxtRecord } from './dns-provider.ts'

interface Rfc2136 {
  server: string
  port?: number
  zone?: string
  key: string
  algorithm?: string
  secret: string
}

const TTL = 60
const TIMEOUT_MS = 60_000

export function createRfc2136(settings: Rfc2136, exec: Exec): DnsProvider {
  const update = async (line: string): Promise<void> => {
    // the key goes through standard input: argv is visible to everybody
    await exec(['nsupdate'], { input: script(settings, line), timeoutMs: TIMEOUT_MS }).catch(
      (error: unknown) => {
        const { code, message } = asSummonerError(error)
        if (!/not installed/.test(message)) throw error
        // the installer brings it for nobody who does not use it
        throw new SummonerError(code, `${message} Install it: apt-get install bind9-dnsutils.`, {
          cause: error,
        })
      },
    )
  }
  return {
    add: ({ name, value }) => update(`update add ${name}. ${TTL} TXT "${checked(value)}"`),
    remove: ({ name, value }: TxtRecord) => update(`update delete ${name}. TXT "${checked(value)}"`),
  }
}

/** What nsupdate reads. Pure. */
export function script(
  { server, port = 53, zone, key, algorithm = 'hmac-sha256', secret }: Rfc2136,
  line: string,
): string {
  return [
    `server ${server} ${port}`,
    ...(zone === undefined ? [] : [`zone ${zone}`]),
    `key ${algorithm}:${key} ${secret.trim()}`,
    line,
    'send',
    '',
  ].join('\n')
}

/** A digest in base64url; anything else would be another line of the script. */
function checked(value: string): string {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(value)) throw new Error('The value of the TXT record is no digest.')
  return value
}
