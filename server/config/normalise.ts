/** What config.yml says as the rooms want it: defaults filled, paths absolute, and the rules that span several keys. */
import { dirname, isAbsolute, join, normalize, relative, resolve } from 'node:path'
import { OWN } from '../events/event.ts'
import { DNS_PROVIDERS } from '../certificates/challenges/dns-settings.ts'
import { checkBackups } from './backup-rules.ts'
import { isReserved, RESERVED_SUBDOMAINS, type Application, type Config, type Tls } from './config.ts'
import { domainProblem, hostOf, labelsProblem, subdomainProblem, subnetProblem } from './host-name.ts'
import { checkWebhooks } from '../webhooks/recipe-rules.ts'
import { checkBoxProxy, checkProxyOptions, checkSite } from './proxy-rules.ts'
import type { WrittenApplication, WrittenConfig } from './schema.ts'
import { didYouMean } from './suggest.ts'
import { cited } from './yaml-source.ts'

/** `at` is a key path like `applications.2.name`. */
export interface RuleFinding {
  at: string
  detail: string
  hint?: string
}

export const PROXY = 'nginx'

/** Folders of the system that must never become a place for volumes. */
const SYSTEM =
  /^\/(?:$|(?:bin|boot|dev|etc|lib|lib32|lib64|proc|root|run|sbin|sys|usr|var|home)\/?$|(?:boot|dev|etc|proc|sys|usr)\/)/

/** Pure. The value has passed the schema; `path` is where config.yml lies, `home` what `~` stands for. */
export function normalise(
  written: WrittenConfig,
  place: { path: string; home: string },
): { config: Config; findings: RuleFinding[] } {
  const findings: RuleFinding[] = []
  const report = (at: string, detail: string, hint?: string) =>
    findings.push({ at, detail, ...(hint === undefined ? {} : { hint }) })

  const folder = (key: 'vsroot' | 'dbsroot'): string => {
    const { value, problem } = resolvedFolder(written[key] ?? '', place)
    if (problem !== undefined) report(key, `${key}: ${problem}.`)
    return value
  }
  const applications = writtenApplications(written).map((entry) => {
    const application = withDefaults(entry)
    if (entry.tls !== undefined) application.tls = placed(entry.tls, dirname(place.path))
    return application
  })
  const config: Config = {
    domain: written.domain,
    vsroot: folder('vsroot'),
    dbsroot: folder('dbsroot'),
    tls: placed(written.tls ?? 'auto', dirname(place.path)),
    images: written.images ?? 'auto',
    subnets: written.subnets ?? '',
    applications: proxyFirst(applications),
    sites: (written.sites ?? []).map((site) =>
      site.tls === undefined ? site : { ...site, tls: placed(site.tls, dirname(place.path)) },
    ),
    stacks: written.stacks ?? {},
    backups: written.backups ?? {},
    sources: written.sources ?? [],
    channels: written.channels ?? {},
    recipes: written.recipes ?? [],
    terminal: written.terminal ?? false,
  }
  if (written.email !== undefined) config.email = written.email
  if (written.timezone !== undefined) config.timezone = written.timezone
  if (written.proxy !== undefined) config.proxy = written.proxy
  if (written.mail !== undefined) config.mail = written.mail
  if (written.outgoing !== undefined) config.outgoing = written.outgoing

  const domain = domainProblem(config.domain)
  if (domain !== undefined) report('domain', `domain: ${cited(config.domain)} cannot be used; ${domain}.`)
  const subnets = subnetProblem(config.subnets)
  if (subnets !== undefined)
    report('subnets', `subnets: ${cited(config.subnets)} cannot be used; ${subnets}.`)
  if (config.timezone !== undefined && !isTimeZone(config.timezone)) {
    report(
      'timezone',
      `timezone: ${cited(config.timezone)} is not a time zone.`,
      'Write it like Europe/Paris.',
    )
  }
  if (config.vsroot === config.dbsroot) {
    report('dbsroot', 'dbsroot: it must differ from vsroot, or databases and files would share folders.')
  }
  checkTls(config.tls, 'tls', report)
  checkBoxProxy(config.proxy, report)
  for (const [index, { tls }] of applications.entries())
    if (tls !== undefined) checkTls(tls, `applications.${index}.tls`, report)
  for (const [index, { tls }] of config.sites.entries())
    if (tls !== undefined) checkTls(tls, `sites.${index}.tls`, report)
  const hosts = checkApplications(applications, config, report, typeof written.applications === 'string')
  const claim = (host: string, owner: string): string | undefined => {
    const other = hosts.get(host)
    if (other === undefined) hosts.set(host, owner)
    return other
  }
  for (const [index, { name, proxy }] of applications.entries())
    checkProxyOptions(proxy, `applications.${index}.proxy`, cited(name), claim, report)
  for (const [index, site] of config.sites.entries()) checkSite(site, `sites.${index}`, claim, report)
  checkStacks(config, report)
  checkWebhooks(config, report)
  checkSources(config, report)
  checkBackups(config, report)
  return { config, findings }
}

/** Files of `tls` start where config.yml lies. */
function placed(tls: Tls, from: string): Tls {
  if (typeof tls === 'string') return tls
  const place = (file: string) => resolve(from, file)
  if ('files' in tls)
    return { files: { certificate: place(tls.files.certificate), key: place(tls.files.key) } }
  return tls.ca === undefined ? tls : { ...tls, ca: place(tls.ca) }
}

function checkTls(tls: Tls, at: string, report: (at: string, detail: string, hint?: string) => void): void {
  if (typeof tls === 'string' || 'files' in tls) return
  if (tls.acme.includes(':') && !URL.canParse(tls.acme))
    report(`${at}.acme`, `tls.acme: ${cited(tls.acme)} cannot be used; it is no address.`)
  const providers = DNS_PROVIDERS.filter((name) => tls.dns?.[name] !== undefined)
  if (tls.dns !== undefined && providers.length !== 1)
    report(
      `${at}.dns`,
      'tls.dns: it must name exactly one provider.',
      `Choose one of ${DNS_PROVIDERS.join(', ')}.`,
    )
  if (tls.wildcard === true && tls.dns === undefined)
    report(`${at}.wildcard`, 'tls.wildcard: a wildcard is proven by DNS only.', 'Give `dns` beside it.')
}

/** The proxy leads, listed or not. */
function proxyFirst(applications: Application[]): Application[] {
  const listed = applications.find((application) => application.name === PROXY)
  const others = applications.filter((application) => application !== listed)
  return [listed ?? withDefaults({ name: PROXY }), ...others]
}

/** The list as entries, whatever form it is written in. */
export function writtenApplications(written: Pick<WrittenConfig, 'applications'>): WrittenApplication[] {
  const { applications = [] } = written
  if (typeof applications === 'string') return namesOf(applications).map((name) => ({ name }))
  return applications.map((entry) => (typeof entry === 'string' ? { name: entry } : entry))
}

export function namesOf(text: string): string[] {
  return text.split(/\s+/).filter((name) => name !== '')
}

export function withDefaults(entry: WrittenApplication): Application {
  const application: Application = {
    name: entry.name,
    template: entry.template ?? entry.name,
    subdomain: entry.subdomain ?? entry.name,
    state: entry.state ?? 'running',
    database: entry.database ?? 'dedicated',
    env: entry.env ?? {},
    grants: entry.grants ?? [],
  }
  if (entry.version !== undefined) application.version = entry.version
  if (entry.images !== undefined) application.images = entry.images
  if (entry.proxy !== undefined) application.proxy = entry.proxy
  if (entry.tls !== undefined) application.tls = entry.tls
  return application
}

type Report = (at: string, detail: string, hint?: string) => void

function checkApplications(
  applications: Application[],
  config: Config,
  report: Report,
  asText: boolean,
): Map<string, string> {
  const names = new Set<string>()
  const hosts = new Map<string, string>(
    RESERVED_SUBDOMAINS.map((subdomain) => [hostOf(subdomain, config.domain), 'Summoner itself']),
  )
  const beside = relative(config.vsroot, config.dbsroot)
  for (const [index, application] of applications.entries()) {
    const { name, template, subdomain } = application
    const at = asText ? 'applications' : `applications.${index}`
    if (asText && !/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) {
      const rule = 'a letter, then letters, digits and hyphens, lower case, at most 40, no hyphen last'
      report(at, `applications: ${cited(name)} is not a name: ${rule}.`)
      continue
    }
    if (names.has(name))
      report(`${at}.name`, `applications: ${cited(name)} is listed twice.`, 'Give one of them another name.')
    names.add(name)
    if (isReserved(name) || name === beside) {
      report(`${at}.name`, `applications: the name ${cited(name)} is reserved.`, 'Choose another name.')
    }
    if ((name === PROXY) !== (template === PROXY)) {
      report(
        `${at}.template`,
        `applications: ${cited(name)} cannot use the template ${cited(template)}; a box has one proxy, "${PROXY}".`,
      )
    }
    const problem = subdomainProblem(subdomain)
    if (problem !== undefined) {
      report(
        `${at}.subdomain`,
        `subdomain: ${cited(subdomain)} of ${cited(name)} cannot be used; ${problem}.`,
      )
      continue
    }
    if (name === PROXY) continue
    const host = hostOf(subdomain, config.domain)
    const long = host.length > 253 ? labelsProblem(host) : undefined
    if (long !== undefined)
      report(`${at}.subdomain`, `subdomain: the host name of ${cited(name)} is too long; ${long}.`)
    const owner = hosts.get(host)
    if (owner !== undefined && owner !== name) {
      report(
        `${at}.subdomain`,
        `subdomain: ${cited(host)} of ${cited(name)} is taken by ${owner}.`,
        'Choose another sub-domain.',
      )
    }
    hosts.set(host, cited(name))
  }
  return hosts
}

function checkStacks(config: Config, report: Report): void {
  const names = config.applications.map((application) => application.name)
  for (const [stack, members] of Object.entries(config.stacks)) {
    for (const [index, member] of members.entries()) {
      if (names.includes(member)) continue
      report(
        `stacks.${stack}.${index}`,
        `stacks: ${cited(member)} is not an application of this file${didYouMean(member, names) || '.'}`,
      )
    }
  }
}

function checkSources({ sources }: Config, report: Report): void {
  const names = new Set<string>()
  for (const [index, { name }] of sources.entries()) {
    if (names.has(name)) report(`sources.${index}.name`, `sources: ${cited(name)} is listed twice.`)
    if (name === OWN)
      report(`sources.${index}.name`, `sources: ${cited(name)} is what the box's own events are named.`)
    names.add(name)
  }
}

function resolvedFolder(
  folder: string,
  place: { path: string; home: string },
): { value: string; problem?: string } {
  if (/^~[^/]/.test(folder))
    return { value: folder, problem: 'only "~/" is understood, not another user\'s home' }
  const expanded = folder.replace(/^~(?=\/|$)/, place.home)
  const absolute = isAbsolute(expanded) ? expanded : join(dirname(place.path), expanded)
  const value = normalize(absolute).replace(/(?<=.)\/+$/, '')
  // These would break out of compose's volume syntax, .env quoting or the shell scripts that read ~/.summoner.
  if (/["'`$\\:\n]/.test(value))
    return { value, problem: `a folder's name cannot contain quotes, $, \\ or colons` }
  if (SYSTEM.test(value))
    return { value, problem: `${cited(value)} belongs to the system; choose a folder of its own` }
  return { value }
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
