/** The lines of all containers of a minion, merged as they come; a follower stays when containers are made anew. */
import type { Container, Engine } from '../docker/container.ts'
import type { Projection } from '../docker/projection.ts'

export interface LogLine {
  at: string
  service: string
  stream: 'stdout' | 'stderr'
  line: string
}

interface LogOptions {
  service?: string
  follow?: boolean
  since?: string
  tail?: number
  signal?: AbortSignal
}

/** Lines that wait for a slow reader; beyond, the engine waits too. */
const AHEAD = 1_000

export async function* minionLogs(
  minion: string,
  { service, follow = false, signal, ...options }: LogOptions,
  { projection, engine }: { projection: Projection; engine: Pick<Engine, 'logs'> },
): AsyncGenerator<LogLine> {
  const wanted = (container: Container) => !service || container.service === service
  const ended = new AbortController()
  const all = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal
  const lines: LogLine[] = []
  const reading = new Set<string>()
  let failure: unknown
  let changed = Promise.withResolvers<void>()
  const wake = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }

  const read = async (container: Container, from: { since?: string; tail?: number }) => {
    reading.add(container.id)
    try {
      for await (const line of engine.logs(container.id, { ...from, follow, signal: all })) {
        lines.push({ service: container.service ?? container.name, ...line })
        wake()
        while (lines.length > AHEAD && !all.aborted) await changed.promise
      }
    } catch (error) {
      failure ??= error
    } finally {
      reading.delete(container.id)
      wake()
    }
  }

  const forget = projection.onChange(({ after }) => {
    if (!follow || after?.state !== 'running' || reading.has(after.id)) return
    const ours = projection.ours(minion).some(({ id }) => id === after.id)
    if (ours && wanted(after)) void read(after, after.startedAt ? { since: after.startedAt } : {})
  })
  all.addEventListener('abort', wake, { once: true })
  try {
    for (const container of projection.ours(minion).filter(wanted)) void read(container, options)
    for (;;) {
      const next = lines.shift()
      if (next) {
        if (lines.length === AHEAD) wake()
        yield next
      } else if (failure !== undefined) throw failure
      else if (all.aborted || (!follow && reading.size === 0)) return
      else await changed.promise
    }
  } finally {
    forget()
    ended.abort()
  }
}
