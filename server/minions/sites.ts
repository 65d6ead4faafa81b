/** What the proxy needs to know of the minions: their hosts, and whether visitors may see them. */
import type { Projection } from '../docker/projection.ts'
import type { Jobs } from '../jobs/job.ts'
import type { Config } from '../config/config.ts'
import { claimsOf } from '../proxy/claims.ts'
import type { ManagedSite } from '../proxy/managed.ts'
import { listApplied, type Applied } from './applied.ts'

interface SitesDeps {
  recordsDir: string
  projection: Projection
  jobs: Pick<Jobs, 'active'>
  /** What config.yml says now: it needs no container, so it waits for no summon. */
  applications: Config['applications']
}

export function managedSites({ recordsDir, projection, jobs, applications }: SitesDeps): ManagedSite[] {
  const sites: ManagedSite[] = []
  const entries = new Map(applications.map((application) => [application.name, application]))
  for (const [minion, applied] of listApplied(recordsDir)) {
    if (applied.web.length === 0) continue
    const { proxy, tls } = entries.get(minion) ?? {}
    sites.push({
      minion,
      web: applied.web,
      ready: applied.ready,
      status: siteStatus(minion, applied, projection, jobs),
      claims: projection
        .ours(minion)
        .filter(({ state }) => state === 'running')
        .flatMap((container) =>
          claimsOf(container).map((claim) => ({ ...claim, service: container.service ?? '' })),
        ),
      ...(proxy ? { proxy } : {}),
      ...(tls ? { tls } : {}),
    })
  }
  return sites
}

/** Coarser than `statusOf`: only what changes which page a visitor gets. */
function siteStatus(
  minion: string,
  { web }: Applied,
  projection: Projection,
  jobs: Pick<Jobs, 'active'>,
): ManagedSite['status'] {
  const containers = projection.ours(minion)
  const facing = new Set(web.map(({ service }) => service))
  if (containers.some(({ service, state }) => service && facing.has(service) && state === 'running'))
    return 'running'
  const active = jobs.active(minion)
  if (active && active.kind !== 'stop' && active.kind !== 'dismiss') return 'starting'
  return containers.some(({ state }) => state === 'running' || state === 'restarting') ? 'failed' : 'stopped'
}
