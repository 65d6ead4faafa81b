/**
 * Makes nginx serve a set of vhosts: candidate -> `nginx -t` -> atomic swap -> reload -> probe -> or back to the last
 * good tree. One run at a time; calls that come meanwhile share the next run, so many deploys cost few reloads.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Container, Engine } from '../docker/container.ts'
import { SummonerError, asSummonerError } from '../errors.ts'
import type { Events } from '../events/event.ts'
import { type Draft, createDrafts } from './draft.ts'
import { openGenerations } from './generations.ts'
import type { ProxyPorts } from './layout.ts'
import { createNginx } from './nginx.ts'
import type { Probe } from './probe.ts'
import { findRefused } from './quarantine.ts'
import { type HostFile, renderMain, treeHash } from './render-tree.ts'
import type { Proxy, ProxyApplied, Vhost } from './vhost.ts'

/** Calls of the same moment become one run. */
const SETTLE_MS = 10
const SERVED_WITHIN_MS = 30_000
const RELOADS = 2

export interface ProxyDeps {
  engine: Pick<Engine, 'execIn' | 'kill'>
  /** The container of the minion nginx, whatever its state. */
  container(): Promise<Container | undefined>
  dirs: { proxy: string; certificates: string }
  ports: ProxyPorts
  /** Proxies in front of nginx, as config.yml lists them now. */
  trusted?: () => readonly string[]
  /** The internal root, served at `/ca.crt` of hosts that ask for it. */
  rootPem(): string
  probe: Probe
  events: Pick<Events, 'append'>
  now?: () => number
  servedWithinMs?: number
}

export function createProxy(deps: ProxyDeps): Proxy {
  const { probe, events, now = Date.now, servedWithinMs = SERVED_WITHIN_MS, trusted = () => [] } = deps
  const generations = openGenerations(deps.dirs.proxy)
  const nginx = createNginx(deps)
  const drafts = createDrafts({
    ports: deps.ports,
    certificatesDir: deps.dirs.certificates,
    rootPem: deps.rootPem(),
  })
  const { shared, refuse } = drafts
  /** Unknown before nginx has run once: then without. */
  let http3 = false
  const draft = (vhosts: readonly Vhost[]): Draft => drafts.draft(vhosts, { http3, trusted: trusted() })
  const filesOf = ({ files }: Pick<Draft, 'files'>) => [
    ...shared,
    ...files.flatMap((file) => [...file.needs, file]),
  ]
  /** What nginx is known to serve; unknown after a start of the daemon, which may have died between swap and reload. */
  let served: { generation: string; skeleton: string; paths: Set<string> } | undefined
  let queue: { vhosts: readonly Vhost[]; done: Promise<ProxyApplied> } | undefined
  let running: Promise<unknown> = Promise.resolve()

  const write = async ({ files, main }: Draft): Promise<string> => {
    await generations.writeFiles(filesOf({ files }))
    return generations.create(treeHash(main), (generation) => renderMain({ ...main, generation }))
  }

  const testing =
    (container: Container, { main }: Draft) =>
    async (files: readonly HostFile[]) => {
      const candidate = { ...main, includes: files.map(({ path }) => path), generation: 'candidate' }
      return nginx.test(container, await generations.writeCandidate(renderMain(candidate)))
    }

  /** Without the host files that nginx refuses. Only files that it does not serve yet are tested, the rest is proven. */
  const tested = async (
    container: Container,
    wanted: Draft,
    vhosts: readonly Vhost[],
    all: boolean,
  ): Promise<Draft> => {
    await generations.writeFiles(filesOf(wanted))
    const test = testing(container, wanted)
    const proven = !all && served?.skeleton === skeletonOf(wanted.main) ? served.paths : undefined
    const fresh = proven ? wanted.files.filter(({ path }) => !proven.has(path)) : wanted.files
    if (proven && fresh.length === 0) return wanted
    const complaint = await test(fresh)
    if (complaint === undefined) return wanted
    const found = await findRefused(fresh, complaint, test)
    if (found.length === 0) throw new SummonerError('proxy.invalid', complaint)
    for (const { file, message } of found) refuse(file.path, message)
    return draft(vhosts)
  }

  const skeletonOf = (main: Draft['main']): string => treeHash({ ...main, includes: [] })

  const nowServing = (generation: string, { main }: Draft): void => {
    served = { generation, skeleton: skeletonOf(main), paths: new Set(main.includes) }
  }

  const apply = async (vhosts: readonly Vhost[]): Promise<ProxyApplied> => {
    const container = await nginx.running()
    if (container && vhosts.some(({ options }) => options?.http3)) http3 = await nginx.speaksHttp3(container)
    drafts.forgive()
    const wanted = draft(vhosts)
    const current = generations.current()
    if (current !== undefined && generations.currentHash() === treeHash(wanted.main)) {
      await generations.writeFiles(filesOf(wanted))
      const unchanged = { changed: false, generation: current, rejected: wanted.rejected }
      if (!container || served?.generation === current) return unchanged
      // one worker's answer says nothing about those that are still leaving
      const agreed = (await probe.once()) === current && (await probe.until(current, servedWithinMs))
      if (!agreed) await load(container, current)
      nowServing(current, wanted)
      // the first look after a start: a crash may have left generations behind
      await generations.prune()
      return unchanged
    }
    if (!container) {
      const generation = await write(wanted)
      await generations.swap(generation)
      await generations.prune()
      served = undefined
      return { changed: true, generation, rejected: wanted.rejected }
    }
    return change(container, vhosts, wanted, current)
  }

  const change = async (
    container: Container,
    vhosts: readonly Vhost[],
    wanted: Draft,
    previous: string | undefined,
  ): Promise<ProxyApplied> => {
    const started = now()
    let accepted = await tested(container, wanted, vhosts, false)
    for (let attempt = 1; ; attempt++) {
      // what is left after a refusal may be what nginx serves already
      if (previous !== undefined && generations.currentHash() === treeHash(accepted.main))
        return { changed: false, generation: previous, rejected: accepted.rejected }
      const generation = await write(accepted)
      await generations.swap(generation)
      try {
        await load(container, generation)
        nowServing(generation, accepted)
        await generations.prune()
        events.append({
          type: 'proxy.reloaded',
          title: `nginx serves ${accepted.files.length} hosts`,
          data: { generation, hosts: accepted.files.length, milliseconds: now() - started },
        })
        return { changed: true, generation, rejected: accepted.rejected }
      } catch (error) {
        await rollBack(container, generation, previous)
        if (attempt > 1) throw error
        // the parts were good, the whole is not: now the whole is tested
        accepted = await tested(container, accepted, vhosts, true)
      }
    }
  }

  const load = async (container: Container, generation: string): Promise<void> => {
    // a signal that comes while nginx itself is starting is lost: it is told again
    for (let tries = 0; tries < RELOADS; tries++) {
      await nginx.reload(container)
      if (await probe.until(generation, servedWithinMs / RELOADS)) return
    }
    throw new SummonerError('proxy.unreachable', 'nginx did not load its new configuration in time.')
  }

  const rollBack = async (
    container: Container,
    generation: string,
    previous: string | undefined,
  ): Promise<void> => {
    served = undefined
    if (previous === undefined) return
    await generations.swap(previous)
    await generations.remove(generation)
    await nginx.reload(container).catch(() => undefined)
  }

  const report = (error: unknown): never => {
    const problem = asSummonerError(error)
    events.append({
      type: 'proxy.failed',
      severity: 'error',
      title: 'nginx keeps its last good configuration',
      data: { code: problem.code, detail: problem.message },
    })
    throw error
  }

  return {
    apply(vhosts) {
      if (queue) {
        // not begun yet: the newest wish wins, and every caller waits for it
        queue.vhosts = vhosts
        return queue.done
      }
      const before = running
      const entry = {
        vhosts,
        done: Promise.resolve<ProxyApplied>({ changed: false, generation: '', rejected: [] }),
      }
      entry.done = (async () => {
        await before.catch(() => undefined)
        await sleep(SETTLE_MS)
        queue = undefined
        return apply(entry.vhosts).catch(report)
      })()
      queue = entry
      running = entry.done
      return entry.done
    },
    async prepare(vhosts) {
      const work = running
        .catch(() => undefined)
        .then(async () => {
          const wanted = draft(vhosts)
          if (generations.currentHash() === treeHash(wanted.main)) return
          await generations.swap(await write(wanted))
          served = undefined
        })
      running = work
      await work
    },
    generation: () => probe.once(),
  }
}
