/** What the proxy needs to know of the minions: their hosts, and whether visitors may see them. */
import type { Projection } from '../docker/projection.ts'
import type { Jobs } from '../jobs/job.ts'
import type { ManagedSite } from '../proxy/wanted.ts'
import { listApplied, type Applied } from './applied.ts'

interface SitesDeps {
  recordsDir: string
  projection: Projection
  jobs: Pick<Jobs, 'active'>
}

export function managedSites({ recordsDir, projection, jobs }: SitesDeps): ManagedSite[] {
  const sites: ManagedSite[] = []
  for (const [minion, applied] of listApplied(recordsDir))
    if (applied.web.length > 0)
      sites.push({
        minion,
        web: applied.web,
        ready: applied.ready,
        status: siteStatus(minion, applied, projection, jobs),
      })
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
