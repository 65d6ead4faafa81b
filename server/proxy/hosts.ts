/** Host names: letters, digits and hyphens only, so that nothing else ever reaches nginx text or a path. */
import { SummonerError } from '../errors.ts'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const ALL_DIGITS = /^[0-9]+$/

/** The host in lower case, or nothing when it is not an LDH name (an address or a trailing dot is none either). */
export function asHost(value: string): string | undefined {
  const host = value.toLowerCase()
  if (host.length === 0 || host.length > 253) return undefined
  const labels = host.split('.')
  if (!labels.every((label) => LABEL.test(label))) return undefined
  // a last label of digits would be read as an IPv4 address by every client
  return ALL_DIGITS.test(labels.at(-1) ?? '') ? undefined : host
}

export function checkHost(value: string): string {
  const host = asHost(value)
  if (host === undefined)
    throw new SummonerError('host.invalid', `${JSON.stringify(value.slice(0, 80))} is not a host name.`)
  return host
}

/** As nginx understands `server_name`: a host name, `*.example.org` or `example.*`; expressions are none. */
export function asServerName(value: string): string | undefined {
  const name = value.toLowerCase()
  if (name.startsWith('*.')) {
    const host = asHost(name.slice(2))
    return host === undefined || name.length > 253 ? undefined : `*.${host}`
  }
  if (name.endsWith('.*')) {
    const host = asHost(name.slice(0, -2))
    return host === undefined ? undefined : `${host}.*`
  }
  return asHost(name)
}

export function checkServerName(value: string): string {
  const name = asServerName(value)
  if (name === undefined)
    throw new SummonerError('host.invalid', `${JSON.stringify(value.slice(0, 80))} is not a host name.`)
  return name
}

export const isWildcard = (name: string): boolean => name.includes('*')
