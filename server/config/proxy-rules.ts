/** Rules of `proxy:` and `sites:` that a schema cannot say; what passes here the proxy can write. Pure. */
import { headerProblem, isRange, staticProblem } from '../proxy/check-options.ts'
import { isServer } from '../proxy/check-vhost.ts'
import { snippetProblem } from '../proxy/check-snippet.ts'
import { asHost, asServerName, isWildcard } from '../proxy/hosts.ts'
import { serverOf } from '../proxy/outside.ts'
import type { BoxProxy, ProxyOptions, Site } from './proxy-options.ts'
import { cited } from './yaml-source.ts'

type Report = (at: string, detail: string, hint?: string) => void
/** Remembers the owner; the other one where the host is taken. */
export type Claimed = (host: string, owner: string) => string | undefined

export function checkBoxProxy({ trusted = [] }: BoxProxy = {}, report: Report): void {
  for (const [index, range] of trusted.entries()) {
    const at = `proxy.trusted.${index}`
    if (!isRange(range)) report(at, `proxy.trusted: ${cited(range)} is not an address or subnet.`)
    else if (/\/0+$/.test(range))
      report(
        at,
        `proxy.trusted: ${cited(range)} is everybody, and every visitor could choose an address.`,
        'List the addresses of the proxy in front.',
      )
  }
}

export function checkProxyOptions(
  options: ProxyOptions | undefined,
  at: string,
  owner: string,
  claim: Claimed,
  report: Report,
): void {
  if (!options) return
  for (const key of ['allow', 'deny'] as const)
    for (const [index, range] of (options[key] ?? []).entries())
      if (!isRange(range))
        report(`${at}.${key}.${index}`, `${key}: ${cited(range)} is not an address or subnet.`)
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    const problem = headerProblem(name, value)
    if (problem !== undefined) report(`${at}.headers.${name}`, `headers: ${problem}.`)
  }
  for (const [path, name] of Object.entries(options.static ?? {})) {
    const problem = staticProblem(path, name)
    if (problem !== undefined) report(`${at}.static.${path}`, `static: ${problem}.`)
  }
  const users = (options.auth ?? []).map(({ user }) => user)
  for (const [index, user] of users.entries())
    if (users.indexOf(user) !== index)
      report(`${at}.auth.${index}.user`, `auth: the user ${cited(user)} is listed twice.`)
  if (options.burst !== undefined && options.rate === undefined)
    report(`${at}.burst`, 'burst: it needs a rate.', 'Write rate: 10/s beside it.')
  const snippet = options.snippet === undefined ? undefined : snippetProblem(options.snippet)
  if (snippet !== undefined) report(`${at}.snippet`, `snippet: ${snippet}.`)
  for (const [index, host] of (options.redirect_from ?? []).entries())
    checkHostAt(`${at}.redirect_from.${index}`, 'redirect_from', host, owner, false, claim, report)
}

export function checkSite(site: Site, at: string, claim: Claimed, report: Report): void {
  const owner = `the site ${cited(site.host)}`
  checkHostAt(`${at}.host`, 'host', site.host, owner, true, claim, report)
  const { upstream, redirect } = site
  if ((upstream === undefined) === (redirect === undefined))
    report(at, 'sites: a site needs either "upstream" or "redirect".')
  if (upstream !== undefined && (!isServer(serverOf(upstream).server) || upstream === 'unix:web.sock'))
    report(`${at}.upstream`, `upstream: ${cited(upstream)} cannot be an upstream.`)
  if (redirect !== undefined && (asHost(redirect) === undefined || asHost(redirect) === asHost(site.host)))
    report(`${at}.redirect`, `redirect: ${cited(redirect)} is not another host name.`)
  if (isWildcard(site.host) && site.proxy?.redirect_from !== undefined)
    report(`${at}.proxy.redirect_from`, 'redirect_from: nothing can lead to a wildcard.')
  checkProxyOptions(site.proxy, `${at}.proxy`, owner, claim, report)
}

function checkHostAt(
  at: string,
  key: string,
  written: string,
  owner: string,
  wildcard: boolean,
  claim: Claimed,
  report: Report,
): void {
  const host = wildcard ? asServerName(written) : asHost(written)
  if (host === undefined || host.endsWith('.*')) {
    report(at, `${key}: ${cited(written)} is not a host name.`)
    return
  }
  const other = claim(host, owner)
  if (other !== undefined) report(at, `${key}: ${cited(host)} is taken by ${other}.`, 'Choose another host.')
}
