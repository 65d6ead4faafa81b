/** Watches the projection and says, once each, what a team wants to hear: died, unhealthy, recovered, keeps restarting. */
import { LABEL, type Container } from '../docker/container.ts'
import type { Projection } from '../docker/projection.ts'
import type { Events } from '../events/event.ts'

const WINDOW_MS = 120_000
const RESTARTS = 3
const QUIET_MS = 60_000
/** SIGKILL: by hand, or by the kernel for want of memory. */
const KILLED = 137
/** Ended in order, or as somebody asked it to. */
const IN_ORDER = [0, 143]

export interface Monitor {
  /** Minions that keep restarting; another set after every change. */
  looping(): ReadonlySet<string>
  /** After a success: within this time a single restart is a failure already. */
  watch(minion: string, seconds: number): void
  stop(): void
}

interface MonitorDeps {
  projection: Projection
  events: Events
  /** A job of the minion stops and starts containers itself. */
  working(minion: string): boolean
  now(): Date
  onVerdict(minion: string): void
}

export function createMonitor({ projection, events, working, now, onVerdict }: MonitorDeps): Monitor {
  const restarts = new Map<string, number[]>()
  let looping: ReadonlySet<string> = new Set()
  /** minion -> end of its probation, in ms since the epoch. */
  const probation = new Map<string, number>()
  const sick = new Set<string>()
  /** container -> when its last death was told, in ms since the epoch. */
  const deaths = new Map<string, number>()

  const onDeath = (minion: string, { id, name, exitCode, starved = false, state }: Container) => {
    const at = now().getTime()
    if (working(minion) || looping.has(minion) || at - (deaths.get(id) ?? -Infinity) < WINDOW_MS) return
    deaths.set(id, at)
    const how = starved ? 'ran out of memory' : exitCode === KILLED ? 'was killed' : 'ended by itself'
    const then = state === 'restarting' ? '; the engine starts it again' : ''
    events.append({
      type: 'minion.died',
      minion,
      severity: 'error',
      title: `${name} ${how} (exit code ${exitCode})${then}`,
      data: { container: name, exitCode, starved },
    })
  }

  const onRestart = (minion: string, container: Container) => {
    const at = now().getTime()
    const recent = [...(restarts.get(minion) ?? []), at].filter((then) => at - then < WINDOW_MS)
    restarts.set(minion, recent)
    const tolerated = at < (probation.get(minion) ?? 0) ? 1 : RESTARTS
    if (recent.length < tolerated || looping.has(minion)) return
    looping = new Set([...looping, minion])
    // the engine forgets the code while the container runs once more
    const code = container.state === 'running' ? '' : `, exit code ${container.exitCode}`
    const title = `${minion} keeps restarting (${container.name}${code})`
    events.append({ type: 'minion.crash-looping', minion, severity: 'error', title })
    onVerdict(minion)
  }

  const onHealth = (minion: string, container: Container) => {
    if (container.health === 'unhealthy' && !sick.has(minion)) {
      sick.add(minion)
      events.append({
        type: 'minion.unhealthy',
        minion,
        severity: 'warning',
        title: `${container.name} is unhealthy`,
      })
    } else if (
      container.health === 'healthy' &&
      projection.ours(minion).every(({ health }) => health !== 'unhealthy') &&
      sick.delete(minion) &&
      // healthy between two crashes is no recovery
      !looping.has(minion)
    ) {
      events.append({ type: 'minion.recovered', minion, title: `${minion} is healthy again` })
    }
  }

  const acquit = (minion: string) => {
    looping = new Set([...looping].filter((name) => name !== minion))
    restarts.delete(minion)
  }

  /** A minute without a restart ends the verdict. */
  const calm = () => {
    for (const minion of looping) {
      const last = restarts.get(minion)?.at(-1) ?? 0
      const up = projection.ours(minion).every(({ state }) => state === 'running' || state === 'exited')
      if (now().getTime() - last < QUIET_MS || !up) continue
      acquit(minion)
      events.append({ type: 'minion.recovered', minion, title: `${minion} has stopped restarting` })
      onVerdict(minion)
    }
  }

  const forget = projection.onChange(({ id, before, after }) => {
    const minion = (after ?? before)?.labels[LABEL.minion]
    // its successor is judged by itself
    if (minion && !after) acquit(minion)
    if (!after) deaths.delete(id)
    if (!minion || !after || projection.ours(minion).every(({ id }) => id !== after.id)) return
    if (before?.state === 'running' && isDown(after) && !after.asked && !IN_ORDER.includes(after.exitCode))
      onDeath(minion, after)
    if (before && after.restartCount > before.restartCount) onRestart(minion, after)
    if (before?.health !== after.health) onHealth(minion, after)
  })
  const timer = setInterval(calm, 10_000)
  timer.unref()
  return {
    looping: () => looping,
    watch: (minion, seconds) => void probation.set(minion, now().getTime() + seconds * 1000),
    stop() {
      forget()
      clearInterval(timer)
    },
  }
}

const isDown = ({ state }: Container): boolean => ['exited', 'restarting', 'dead'].includes(state)
