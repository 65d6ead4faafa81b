/** What a vhost may say. Whatever passes here is safe to write into nginx text: every field has a closed alphabet. */
import { isIPv4, isIPv6 } from 'node:net'
import { SummonerError } from '../errors.ts'
import { PATH, isCidr, isOwnPath, optionsProblem } from './check-options.ts'
import { asHost, checkServerName, isWildcard } from './hosts.ts'
import type { Target, Vhost } from './vhost.ts'

const SIZE = /^(0|[1-9][0-9]{0,9}[kmg]?)$/
const SOCKET = /^unix:\/[A-Za-z0-9._/-]{1,100}$/
const FILE = /^\/[A-Za-z0-9._/-]{1,1024}$/
const PROTOCOLS = ['http', 'https', 'uwsgi', 'fastcgi']
const LONGEST_TIMEOUT = 86_400

/** Throws `host.invalid` or `proxy.invalid` with the field that is wrong. */
export function checkVhost(vhost: Vhost): void {
  checkServerName(vhost.host)
  const wrong = problemOf(vhost)
  if (wrong !== undefined) throw new SummonerError('proxy.invalid', `${vhost.host}: ${wrong}.`)
}

function problemOf(vhost: Vhost): string | undefined {
  const { serve, tls, plainFor = [] } = vhost
  for (const file of tls ? [tls.certificate, tls.key] : [])
    if (!FILE.test(file) || file.split('/').includes('..')) return 'the certificate lies at an unusable path'
  const cidr = plainFor.find((value) => !isCidr(value))
  if (cidr !== undefined) return `${quote(cidr)} is not a subnet`
  if (plainFor.length > 0 && isWildcard(vhost.host)) return 'a wildcard has no subnets of its own'
  const options = optionsProblem(vhost.options ?? {})
  if (options !== undefined) return options
  if (serve.kind === 'redirect')
    return asHost(serve.to) === undefined ? `${quote(serve.to)} is not a host name to redirect to` : undefined
  if (serve.kind === 'page')
    return ['starting', 'stopped', 'failed', 'unreachable'].includes(serve.reason)
      ? undefined
      : 'unknown page'
  return upstreamProblem(serve)
}

function upstreamProblem(serve: Extract<Vhost['serve'], { kind: 'upstream' }>): string | undefined {
  if (serve.servers.length === 0 && serve.paths.length === 0) return 'it has no upstream'
  for (const target of [serve, ...serve.paths]) {
    const problem = targetProblem(target)
    if (problem !== undefined) return problem
  }
  if (!SIZE.test(serve.maxBody)) return `${quote(serve.maxBody)} is not a body size`
  if (
    !Number.isInteger(serve.timeoutSeconds) ||
    serve.timeoutSeconds < 1 ||
    serve.timeoutSeconds > LONGEST_TIMEOUT
  )
    return `${quote(String(serve.timeoutSeconds))} is not a timeout`
  const paths = serve.paths.map(({ path }) => path)
  const path = paths.find((value) => !PATH.test(value) || value === '/' || isOwnPath(value))
  if (path !== undefined) return `${quote(path)} is not a usable path`
  if (new Set(paths).size !== paths.length) return 'a path is given twice'
  return undefined
}

function targetProblem({ servers, protocol = 'http', dest, root }: Target): string | undefined {
  const server = servers.find((value) => !isServer(value))
  if (server !== undefined) return `${quote(server)} is not an upstream address`
  if (!PROTOCOLS.includes(protocol)) return `${quote(protocol)} is not a protocol`
  if (dest !== undefined && !PATH.test(dest)) return `${quote(dest)} is not a usable path`
  if (root !== undefined && (!FILE.test(root) || root.split('/').includes('..')))
    return `${quote(root)} is not a usable folder`
  return undefined
}

export function isServer(value: string): boolean {
  if (SOCKET.test(value)) return !value.split('/').includes('..')
  const match = /^(?:\[([0-9a-f:]+)\]|([0-9.]+)):([1-9][0-9]{0,4})$/.exec(value)
  if (!match || Number(match[3]) > 65_535) return false
  return match[1] === undefined ? isIPv4(match[2] ?? '') : isIPv6(match[1])
}

const quote = (value: string): string => JSON.stringify(value.slice(0, 80))
