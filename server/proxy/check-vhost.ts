/** What a vhost may say. Whatever passes here is safe to write into nginx text: every field has a closed alphabet. */
import { isIP, isIPv4, isIPv6 } from 'node:net'
import { SummonerError } from '../errors.ts'
import { asHost, checkHost } from './hosts.ts'
import { LAYOUT } from './layout.ts'
import type { Vhost } from './vhost.ts'

const SIZE = /^(0|[1-9][0-9]{0,9}[kmg]?)$/
const PATH = /^\/[A-Za-z0-9._~/-]{0,255}$/
const SOCKET = /^unix:\/[A-Za-z0-9._/-]{1,100}$/
const FILE = /^\/[A-Za-z0-9._/-]{1,1024}$/
const LONGEST_TIMEOUT = 86_400

/** Throws `host.invalid` or `proxy.invalid` with the field that is wrong. */
export function checkVhost(vhost: Vhost): void {
  checkHost(vhost.host)
  const wrong = problemOf(vhost)
  if (wrong !== undefined) throw new SummonerError('proxy.invalid', `${vhost.host}: ${wrong}.`)
}

function problemOf(vhost: Vhost): string | undefined {
  const { serve, tls, plainFor = [] } = vhost
  for (const file of tls ? [tls.certificate, tls.key] : [])
    if (!FILE.test(file) || file.split('/').includes('..')) return 'the certificate lies at an unusable path'
  const cidr = plainFor.find((value) => !isCidr(value))
  if (cidr !== undefined) return `${quote(cidr)} is not a subnet`
  if (serve.kind === 'redirect')
    return asHost(serve.to) === undefined ? `${quote(serve.to)} is not a host name to redirect to` : undefined
  if (serve.kind === 'page')
    return ['starting', 'stopped', 'failed', 'unreachable'].includes(serve.reason)
      ? undefined
      : 'unknown page'
  if (serve.servers.length === 0) return 'it has no upstream'
  const server = [...serve.servers, ...serve.paths.map((entry) => entry.server)].find(
    (value) => !isServer(value),
  )
  if (server !== undefined) return `${quote(server)} is not an upstream address`
  if (!['http', 'https'].includes(serve.protocol)) return `${quote(serve.protocol)} is not a protocol`
  if (!SIZE.test(serve.maxBody)) return `${quote(serve.maxBody)} is not a body size`
  if (
    !Number.isInteger(serve.timeoutSeconds) ||
    serve.timeoutSeconds < 1 ||
    serve.timeoutSeconds > LONGEST_TIMEOUT
  )
    return `${quote(String(serve.timeoutSeconds))} is not a timeout`
  const paths = serve.paths.map(({ path }) => path)
  const path = paths.find((value) => !PATH.test(value) || value === '/' || value.startsWith(LAYOUT.page))
  if (path !== undefined) return `${quote(path)} is not a usable path`
  if (new Set(paths).size !== paths.length) return 'a path is given twice'
  return undefined
}

function isServer(value: string): boolean {
  if (SOCKET.test(value)) return !value.split('/').includes('..')
  const match = /^(?:\[([0-9a-f:]+)\]|([0-9.]+)):([1-9][0-9]{0,4})$/.exec(value)
  if (!match || Number(match[3]) > 65_535) return false
  return match[1] === undefined ? isIPv4(match[2] ?? '') : isIPv6(match[1])
}

function isCidr(value: string): boolean {
  const [address = '', bits = '', more] = value.split('/')
  const family = isIP(address)
  if (family === 0 || more !== undefined || !/^[0-9]{1,3}$/.test(bits) || address.includes('%')) return false
  return Number(bits) <= (family === 4 ? 32 : 128)
}

const quote = (value: string): string => JSON.stringify(value.slice(0, 80))
