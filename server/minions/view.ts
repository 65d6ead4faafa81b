/** The list that everybody asks for: from memory and a few small files, never from the engine. */
import type { ConfigVersion } from '../config/config-file.ts'
import type { Config } from '../config/config.ts'
import type { Projection } from '../docker/projection.ts'
import type { Jobs } from '../jobs/job.ts'
import { LABEL, type Container } from '../docker/container.ts'
import type { VhostState } from '../proxy/publish.ts'
import { SummonerError } from '../errors.ts'
import type { Catalog } from '../templates/template.ts'
import { listApplied, type Applied } from './applied.ts'
import { driftOf } from './fingerprint.ts'
import type { Minion } from './minion.ts'
import type { Monitor } from './monitor.ts'
import type { Wished } from './plan.ts'
import { statusOf } from './status.ts'
import type { Wishes } from './wishes.ts'

interface ViewDeps {
  projection: Projection
  jobs: Pick<Jobs, 'active' | 'last' | 'subscribe'>
  monitor: Pick<Monitor, 'looping'>
}

interface ListDeps extends ViewDeps {
  /** A typo in config.yml must not hide what runs. */
  lastGood(): Pick<ConfigVersion, 'config' | 'etag'>
  catalog: Catalog
  wishes: Pick<Wishes, 'list'>
  recordsDir: string
  /** What the proxy made of its hosts; another array after every change. */
  vhosts(): readonly VhostState[]
  /** host -> why it lacks the certificate it should have; another map after every change. */
  troubles(): ReadonlyMap<string, string>
}

interface Known {
  etag: string
  templates: string
  config: Config
  wished: ReadonlyMap<string, Wished>
  applied: ReadonlyMap<string, Applied>
}

/**
 * The list is asked for all the time. Wishes are rendered again only when config.yml, a template or a minion changed, and
 * the very same array is handed out until one of the things that it is made from is another.
 */
export function createMinionList(deps: ListDeps) {
  let known: Known | undefined
  let listed: { from: readonly unknown[]; minions: Minion[] } | undefined
  deps.jobs.subscribe((change) => {
    if (change.type === 'job') known = undefined
  })
  deps.projection.onChange(() => {
    listed = undefined
  })
  const current = (): Known => {
    const { config, etag } = deps.lastGood()
    const templates = deps.catalog
      .list()
      .map(({ hash }) => hash)
      .join()
    if (known?.etag !== etag || known.templates !== templates)
      known = {
        etag,
        templates,
        config,
        wished: new Map(deps.wishes.list(config).map((wish) => [wish.application.name, wish])),
        applied: listApplied(deps.recordsDir),
      }
    return known
  }
  const all = (): Minion[] => {
    const now = current()
    const from = [now, deps.projection.connected(), deps.monitor.looping(), deps.vhosts(), deps.troubles()]
    if (listed?.from.every((part, index) => part === from[index])) return listed.minions
    const { config, wished, applied } = now
    const rejected = new Map<string, string>(deps.troubles())
    for (const { vhost, rejected: why } of deps.vhosts()) if (why !== undefined) rejected.set(vhost.host, why)
    const names = new Set([
      ...config.applications.map(({ name }) => name),
      ...applied.keys(),
      ...deps.projection.ours().map(({ labels }) => labels[LABEL.minion] ?? ''),
    ])
    names.delete('')
    const minions = [...names].map((name) => viewMinion(name, { wished, applied, rejected }, deps))
    listed = { from, minions }
    return minions
  }
  return {
    all,
    find(name: string): Minion {
      const found = all().find((minion) => minion.name === name)
      if (!found) throw new SummonerError('minion.unknown', `There is no minion called ${name}.`)
      return found
    },
  }
}

interface ViewInput {
  wished: ReadonlyMap<string, Wished>
  applied: ReadonlyMap<string, Applied>
  /** host -> what the proxy said when it had to leave it out, or why its certificate is not the right one. */
  rejected: ReadonlyMap<string, string>
}

function viewMinion(name: string, { wished, applied: all, rejected }: ViewInput, deps: ViewDeps): Minion {
  const wish = wished.get(name)
  const applied = all.get(name)
  const containers = deps.projection.ours(name)
  const active = deps.jobs.active(name)
  const desired = wish?.application.state ?? 'absent'
  const verdict = statusOf({
    desired,
    applied,
    containers,
    engineAnswers: deps.projection.connected(),
    crashLooping: deps.monitor.looping().has(name),
    degradedBy: applied && rejected.get(applied.host),
    activeJob: active,
    lastJob: deps.jobs.last(name),
    problem: wish?.problem,
  })
  const template =
    wish?.application.template ?? applied?.application.template ?? containers[0]?.labels[LABEL.template] ?? ''
  const version = wish?.application.version ?? applied?.application.version
  const web = (wish?.rendered?.web.length ?? applied?.web.length ?? 0) > 0
  const url = applied?.url ?? wish?.rendered?.url
  return {
    name,
    template,
    ...(version ? { version } : {}),
    ...verdict,
    desired,
    ...(web && url ? { url } : {}),
    ...(applied ? { images: applied.images } : {}),
    ...(applied?.database
      ? { database: { server: applied.database.server, name: applied.database.database } }
      : {}),
    drift: applied && !active ? driftOf(applied.fingerprints, containers) : [],
    pending: isPending(wish, applied),
    containers: containers.map(viewContainer).sort((a, b) => a.name.localeCompare(b.name)),
    ...(active ? { job: active.id } : {}),
  }
}

function isPending(wish: Wished | undefined, applied: Applied | undefined): boolean {
  if (!wish) return applied !== undefined
  if (!applied) return wish.application.state === 'running'
  return wish.rendered !== undefined && wish.rendered.hash !== applied.hash
}

function viewContainer(container: Container): Minion['containers'][number] {
  return {
    name: container.name,
    service: container.service ?? '',
    image: container.image,
    state: container.state,
    health: container.health,
    restarts: container.restartCount,
    ...(container.startedAt ? { since: container.startedAt } : {}),
  }
}
