/** Waits until every container of a minion is what it should be, woken by the projection's changes. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Container, Engine } from '../docker/container.ts'
import type { Projection } from '../docker/projection.ts'
import { SummonerError } from '../errors.ts'
import type { StepContext } from '../jobs/job.ts'
import type { RenderedService } from '../templates/rendered.ts'

const RESTARTS_TOLERATED = 3
const LOOK_AGAIN_MS = 1_000
/** A lasting container that ended was stopped from outside: the engine itself restarts what crashes. */
const ENDED_TOLERATED_MS = 5_000

/** The health check names what its image lacks: no waiting helps. */
const MISSING_PROGRAM = /^OCI runtime exec failed: .*executable file not found/

interface AwaitHealthy {
  minion: string
  services: readonly RenderedService[]
  /** Seconds from now after which "not yet" becomes a failure. */
  withinSeconds: number
}

interface AwaitDeps {
  projection: Projection
  engine: Pick<Engine, 'logs'>
}

export async function awaitHealthy(
  { minion, services, withinSeconds }: AwaitHealthy,
  { projection, engine }: AwaitDeps,
  { signal, progress }: StepContext,
): Promise<void> {
  const deadline = Date.now() + withinSeconds * 1000
  const restartsBefore = new Map(projection.ours(minion).map(({ id, restartCount }) => [id, restartCount]))
  let endedAt: number | undefined
  for (;;) {
    signal.throwIfAborted()
    const containers = projection.ours(minion)
    const verdicts = services.map((service) => verdict(service, containers, restartsBefore))
    const waiting = verdicts.filter(({ state }) => state === 'waiting')
    progress(
      services.length - waiting.length,
      services.length,
      'containers',
      waiting.map(({ why }) => why).join(', '),
    )
    const failed = verdicts.find(({ state }) => state === 'failed')
    if (failed) throw await failure(failed, engine)
    if (waiting.length === 0) return
    const ended = projection.connected() ? waiting.find(({ ended }) => ended) : undefined
    endedAt = ended && (endedAt ?? Date.now())
    if (ended && endedAt !== undefined && Date.now() - endedAt >= ENDED_TOLERATED_MS)
      throw await failure(ended, engine)
    if (Date.now() > deadline) {
      if (!projection.connected())
        throw new SummonerError('engine.unreachable', `The engine went away while ${minion} was starting.`)
      const first = waiting[0]!
      throw await failure({ ...first, why: `${first.why} after ${withinSeconds} s` }, engine)
    }
    await changeOrTimeout(projection, minion, signal)
    if (projection.ours(minion).length === 0) await projection.refresh()
  }
}

interface Verdict {
  state: 'good' | 'waiting' | 'failed'
  why: string
  container?: Container
  crashing?: boolean
  ended?: boolean
}

/** Exit 0 of a one-shot is success; a container without a health check is good once it runs. */
export function verdict(
  { service, oneshot }: Pick<RenderedService, 'service' | 'oneshot'>,
  containers: readonly Container[],
  restartsBefore: ReadonlyMap<string, number>,
): Verdict {
  const container = containers.find((candidate) => candidate.service === service)
  if (!container) return { state: 'waiting', why: `${service} is not created yet` }
  const { name, state, health, exitCode } = container
  const restarts = container.restartCount - (restartsBefore.get(container.id) ?? 0)
  if (oneshot && state === 'exited')
    return exitCode === 0
      ? { state: 'good', why: '' }
      : { state: 'failed', why: `${name} ended with code ${exitCode}`, container }
  if (restarts >= RESTARTS_TOLERATED)
    return {
      state: 'failed',
      // the engine forgets the code while the container runs once more
      why: `${name} restarted ${restarts} times${state === 'running' ? '' : ` (exit code ${exitCode})`}`,
      container,
      crashing: true,
    }
  if (state === 'dead') return { state: 'failed', why: `${name} is dead`, container }
  if (state === 'exited')
    return {
      state: 'waiting',
      why: `${name} was stopped meanwhile (exit code ${exitCode})`,
      container,
      ended: true,
    }
  if (state !== 'running') return { state: 'waiting', why: `${name} is ${state}`, container }
  if (oneshot) return { state: 'waiting', why: `${name} is at work`, container }
  if (health === 'none' || health === 'healthy') return { state: 'good', why: '' }
  if (MISSING_PROGRAM.test(container.probe ?? ''))
    return { state: 'failed', why: `${name} is ${health}`, container }
  return { state: 'waiting', why: `${name} is ${health}`, container }
}

async function failure(
  { why, container, crashing }: Verdict,
  engine: Pick<Engine, 'logs'>,
): Promise<SummonerError> {
  const lines: string[] = []
  if (container)
    try {
      for await (const { line } of engine.logs(container.id, { tail: 6 })) lines.push(line)
    } catch {
      // the reason stands without its logs
    }
  const probe = container?.probe ? ` Its health check says: ${container.probe}.` : ''
  const said = lines.length > 0 ? ` Its last words: ${lines.join(' / ').slice(-600)}` : ''
  return new SummonerError(crashing ? 'minion.crashing' : 'minion.unhealthy', `${why}.${probe}${said}`)
}

async function changeOrTimeout(projection: Projection, minion: string, signal: AbortSignal): Promise<void> {
  const waking = new AbortController()
  const forget = projection.onChange(({ after, before }) => {
    if ((after ?? before)?.labels['io.summoner.minion'] === minion) waking.abort()
  })
  try {
    await sleep(LOOK_AGAIN_MS, undefined, { signal: AbortSignal.any([waking.signal, signal]) })
    // no event for a second: an event may have been lost, so ask
    await Promise.all(projection.ours(minion).map(({ id }) => projection.refresh(id)))
  } catch {
    signal.throwIfAborted()
  } finally {
    forget()
  }
}
