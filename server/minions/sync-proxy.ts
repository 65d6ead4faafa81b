/** Makes the proxy serve what the box is now: minions, foreign containers, the daemon itself, former names. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Certificates } from '../certificates/certificate.ts'
import type { ConfigFile } from '../config/config-file.ts'
import type { Projection } from '../docker/projection.ts'
import { SummonerError } from '../errors.ts'
import type { Jobs } from '../jobs/job.ts'
import { wantedHosts, type ManagedHost, type Wanted } from '../proxy/wanted.ts'
import type { Proxy, ProxyApplied, Vhost } from '../proxy/vhost.ts'
import { listApplied, type Applied } from './applied.ts'
import type { FormerHosts } from './former-host-store.ts'

const SETTLE_MS = 150
const PROXY_WITHIN_MS = 180_000

interface SyncDeps {
  config: Pick<ConfigFile, 'read'>
  projection: Projection
  certificates: Certificates
  proxy: Proxy
  jobs: Pick<Jobs, 'active'>
  formerHosts: Pick<FormerHosts, 'list'>
  recordsDir: string
  onError(error: unknown): void
}

export function createProxySync(deps: SyncDeps) {
  const { config, projection, certificates, proxy, jobs, formerHosts, recordsDir, onError } = deps
  const complaints = new Map<string, string>()
  let current: readonly Vhost[] = []
  let timer: NodeJS.Timeout | undefined
  /** Of the last config.yml that could be read: a typo in the file must not take the sites away. */
  let box: { domain: string; tls: unknown } | undefined

  const readBox = () => {
    try {
      const { domain, tls } = config.read().config
      box = { domain, tls }
    } catch (error) {
      if (!box) throw error
    }
    return box
  }

  const gather = async (): Promise<Vhost[]> => {
    const { domain, tls } = readBox()
    const applied = listApplied(recordsDir)
    applied.delete('nginx')
    const wanted = wantedHosts({
      domain,
      managed: [...applied].flatMap(([minion, record]) => managedHosts(minion, record, projection, jobs)),
      foreign: projection.foreign(),
      former: formerHosts.list(),
    })
    const vhosts: Vhost[] = []
    for (const vhost of wanted)
      vhosts.push({ ...vhost, tls: tls === 'none' ? undefined : await certificateOf(vhost) })
    return vhosts
  }

  /** Without a certificate a host is left out, and its minion is degraded; the others are served. */
  const certificateOf = async ({ host }: Wanted): Promise<Vhost['tls']> => {
    const { certificateFile, keyFile, publiclyTrusted } = await certificates.ensure(host)
    return { certificate: certificateFile, key: keyFile, publiclyTrusted }
  }

  const syncNow = async (): Promise<ProxyApplied> => {
    current = await gather()
    const applied = await proxy.apply(current)
    complaints.clear()
    for (const { host, message } of applied.rejected)
      complaints.set(host, `nginx left ${host} out: ${message}`)
    return applied
  }

  return {
    now: syncNow,
    /** After a change of a container: several at once are one reload. */
    soon: () => {
      if (timer) return
      timer = setTimeout(() => {
        timer = undefined
        void syncNow().catch((error: unknown) => {
          // while the proxy itself starts or stops there is nobody to talk to
          if (!(error instanceof SummonerError && error.code === 'proxy.unreachable')) onError(error)
        })
      }, SETTLE_MS)
    },
    prepare: async () => {
      current = await gather()
      await proxy.prepare(current)
    },
    vhosts: () => current,
    complaint: (host: string) => complaints.get(host),
    async awaitProxyMinion(signal: AbortSignal) {
      const deadline = Date.now() + PROXY_WITHIN_MS
      while (jobs.active('nginx')) {
        if (Date.now() > deadline) throw new SummonerError('proxy.unreachable', 'The proxy is not there yet.')
        await sleep(100, undefined, { signal })
      }
    },
    stop: () => clearTimeout(timer),
  }
}

/** nginx hands requests on once the application is ready and its container runs; until then visitors see why not. */
function managedHosts(
  minion: string,
  applied: Applied,
  projection: Projection,
  jobs: Pick<Jobs, 'active'>,
): ManagedHost[] {
  const containers = projection.ours(minion)
  return applied.web.map((web) => {
    const running = containers.some(({ service, state }) => service === web.service && state === 'running')
    const anyUp = containers.some(({ state }) => state === 'running' || state === 'restarting')
    const active = jobs.active(minion)
    const starting = active !== undefined && active.kind !== 'stop'
    const page = starting ? 'starting' : anyUp || containers.length === 0 ? 'failed' : 'stopped'
    return { minion, web, state: applied.ready && running ? ('serving' as const) : page }
  })
}
