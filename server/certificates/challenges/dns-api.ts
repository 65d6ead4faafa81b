/** What the HTTP APIs of DNS providers share: JSON over HTTPS, the zone that a name lies in, one value among others. */
import { SummonerError } from '../../errors.ts'
import type { AcmeResponse, Transport } from '../acme/transport.ts'

export interface ApiDeps {
  transport: Transport
  /** Of a sandbox or a gateway; without a slash at the end. */
  api?: string
  /** Where it is not the nearest that the account holds. */
  zone?: string
}

export interface Answer {
  status: number
  data: unknown
}

interface Ask {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  headers: Record<string, string>
  body?: unknown
  /** Statuses beside 2xx that say something else than that it failed. */
  also?: number[]
}

/** `provider` as people call it: it is part of what they read when it refuses. */
export function createAsk(provider: string, transport: Transport) {
  return async ({ method, url, headers, body, also = [] }: Ask): Promise<Answer> => {
    const response = await transport({
      url,
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const data = parsed(response)
    const fine = (response.status >= 200 && response.status < 300) || also.includes(response.status)
    if (!fine) throw refused(provider, `${method} ${new URL(url).pathname}`, response.status, data)
    return { status: response.status, data }
  }
}

function parsed({ body }: AcmeResponse): unknown {
  try {
    return body.trim() === '' ? undefined : JSON.parse(body)
  } catch {
    return undefined
  }
}

export function refused(provider: string, what: string, status: number, data: unknown): SummonerError {
  const said = sayingOf(data)
  const hint =
    status === 401 || status === 403
      ? `Check the credentials that \`tls.dns\` names, and that they may change the zone's TXT records at ${provider}.`
      : undefined
  return new SummonerError(
    'certificate.failed',
    `${provider} answered ${status} to ${what}${said === undefined ? '.' : `: ${said}`}`,
    hint === undefined ? {} : { hint },
  )
}

/** `message`, `error.message`, or the first of `errors`, whatever the provider's habit. */
function sayingOf(data: unknown): string | undefined {
  const first = listOf(data, 'errors')[0]
  for (const found of [at(first, 'message'), at(at(data, 'error'), 'message'), at(data, 'message')])
    if (typeof found === 'string' && found !== '') return found.slice(0, 300)
  return undefined
}

export const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined

export const listOf = (value: unknown, key?: string): unknown[] => {
  const found = key === undefined ? value : at(value, key)
  return Array.isArray(found) ? found : []
}

export const textAt = (value: unknown, key: string): string => {
  const found = at(value, key)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : ''
}

/** The nearest zone above the name for which `find` has an answer. */
export async function zoneOf<T>(
  { provider, name, zone }: { provider: string; name: string; zone?: string },
  find: (zone: string) => Promise<T | undefined>,
): Promise<{ zone: string; found: T; label: string }> {
  for (const candidate of zone === undefined ? zonesAbove(name) : [zone.replace(/\.$/, '')]) {
    if (!name.endsWith(`.${candidate}`)) continue
    const found = await find(candidate)
    if (found !== undefined) return { zone: candidate, found, label: name.slice(0, -candidate.length - 1) }
  }
  throw new SummonerError('certificate.failed', `${provider} holds no zone for ${name}.`, {
    hint: 'Check that the credentials reach the account that holds the domain; `zone` in `tls.dns` names another.',
  })
}

/** From near to far, and never a top-level domain. Pure. */
export function zonesAbove(name: string): string[] {
  const labels = name.split('.')
  return labels.slice(1, -1).map((_, index) => labels.slice(index + 1).join('.'))
}

export const quoted = (value: string): string => `"${value}"`
/** Providers differ in whether they keep the quotes of a TXT value. */
export const unquoted = (value: string): string => value.replace(/^"|"$/g, '')
