/** What the options of a host may say; as with everything in nginx text, each field has a closed alphabet. */
import { isIP } from 'node:net'
import { snippetProblem } from './check-snippet.ts'
import { LAYOUT } from './layout.ts'
import type { VhostOptions } from './vhost.ts'

export const PATH = /^\/[A-Za-z0-9._~/-]{0,255}$/
const NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/
const USER = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/
const HASH = /^\$6\$[A-Za-z0-9./]{1,16}\$[A-Za-z0-9./]{86}$/
/** Printable, and nothing that ends a quoted word or begins a variable. */
const HEADER_VALUE = /^[\x20\x21\x23\x25-\x5b\x5d-\x7e]{1,2000}$/
const STATIC = /^[A-Za-z0-9][A-Za-z0-9._-]{0,100}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,100}){0,8}$/
const METHODS = ['redirect', 'noredirect', 'nohttp', 'nohttps']

/** These frame the answer itself; another value would break every page. */
const FRAMING =
  /^(connection|content-(length|encoding|range)|transfer-encoding|upgrade|trailer|date|server|location|keep-alive)$/i

export function optionsProblem(options: VhostOptions): string | undefined {
  const { https, users = [], allow = [], deny = [], rate, snippet } = options
  if (https !== undefined && !METHODS.includes(https)) return `${quote(https)} is no way to treat HTTPS`
  const user = users.find(({ name, hash }) => !USER.test(name) || !HASH.test(hash))
  if (user !== undefined) return `${quote(user.name)} is not a usable user`
  const range = [...allow, ...deny].find((value) => !isRange(value))
  if (range !== undefined) return `${quote(range)} is not an address or subnet`
  if (rate !== undefined && rateProblem(rate)) return 'the rate is out of range'
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    const problem = headerProblem(name, value)
    if (problem !== undefined) return problem
  }
  for (const [path, name] of Object.entries(options.static ?? {})) {
    const problem = staticProblem(path, name)
    if (problem !== undefined) return problem
  }
  const wrong = snippet === undefined ? undefined : snippetProblem(snippet)
  return wrong === undefined ? undefined : `snippet: ${wrong}`
}

export function headerProblem(name: string, value: string): string | undefined {
  if (!NAME.test(name)) return `${quote(name)} is not the name of a header`
  if (FRAMING.test(name)) return `the header ${quote(name)} belongs to nginx`
  if (HEADER_VALUE.test(value)) return undefined
  return `the header ${quote(name)} may have printable characters only, without ", \\ and $`
}

/** Answered by nginx itself on every host: a second location of that path would be refused. */
export const isOwnPath = (path: string): boolean =>
  path.startsWith(LAYOUT.page) || path.startsWith('/.well-known/acme-challenge')

export function staticProblem(path: string, name: string): string | undefined {
  if (path === '/' || !PATH.test(path) || isOwnPath(path)) return `${quote(path)} is not a usable path`
  return STATIC.test(name) ? undefined : `${quote(name)} is not a file or folder below data/proxy/static`
}

/** An address, or a subnet in CIDR form. */
export function isRange(value: string): boolean {
  return isCidr(value) || (isIP(value) !== 0 && !value.includes('%'))
}

export function isCidr(value: string): boolean {
  const [address = '', bits = '', more] = value.split('/')
  const family = isIP(address)
  if (family === 0 || more !== undefined || !/^[0-9]{1,3}$/.test(bits) || address.includes('%')) return false
  return Number(bits) <= (family === 4 ? 32 : 128)
}

function rateProblem({ requests, per, burst }: NonNullable<VhostOptions['rate']>): boolean {
  const whole = (value: number, least: number) =>
    Number.isInteger(value) && value >= least && value <= 100_000
  return !whole(requests, 1) || !whole(burst, 0) || !['second', 'minute'].includes(per)
}

const quote = (value: string): string => JSON.stringify(value.slice(0, 80))
