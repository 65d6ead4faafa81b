/**
 * The end of a container, from the events of the engine alone: an inspect waits until the engine has tidied up after
 * it, which takes a while, and after a restart it no longer tells how the container ended.
 */
import type { Container, EngineEvent } from './container.ts'

const KILL = new Set(['9', 'SIGKILL', 'KILL'])
/** Signals that ask a program for something else than its end. */
const HARMLESS = new Set(['1', 'SIGHUP', 'HUP', '10', 'SIGUSR1', '12', 'SIGUSR2', '28', 'SIGWINCH'])

/** Gives what a container is after the event, where the event is its end. */
export function createEndings() {
  /** What was told of a container since it started. */
  const omens = new Map<string, { starved?: boolean; signalled?: boolean; asked?: boolean }>()
  return (event: EngineEvent, known: Container | undefined): Container | undefined => {
    const { type, action, id, attributes, timeNano } = event
    if (type !== 'container') return undefined
    const omen = omens.get(id) ?? {}
    if (action === 'oom') omens.set(id, { ...omen, starved: true })
    else if (action === 'kill' && !HARMLESS.has(attributes['signal'] ?? ''))
      omens.set(id, {
        ...omen,
        signalled: true,
        // a stop asks first, and kills later
        asked: omen.asked ?? !KILL.has(attributes['signal'] ?? ''),
      })
    else if (action === 'start' || action === 'destroy') omens.delete(id)
    if (action !== 'die') return undefined
    omens.delete(id)
    const at = timeNano / 1e6
    // an event that comes late is about an earlier life
    if (known?.state !== 'running' || at < Date.parse(known.startedAt ?? '')) return undefined
    const exitCode = Number(attributes['exitCode'] ?? 0)
    const { pid: _pid, probe: _probe, ...rest } = known
    return {
      ...rest,
      state: !omen.signalled && startsAgain(known.restartPolicy, exitCode) ? 'restarting' : 'exited',
      health: 'none',
      exitCode,
      ...(omen.starved ? { starved: true } : {}),
      ...(omen.asked ? { asked: true } : {}),
      finishedAt: new Date(at).toISOString(),
    }
  }
}

const startsAgain = (policy: string, exitCode: number): boolean =>
  policy === 'always' || policy === 'unless-stopped' || (policy === 'on-failure' && exitCode !== 0)
