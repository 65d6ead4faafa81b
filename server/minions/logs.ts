/** The lines of all containers of a minion, merged as they come. */
import type { Engine } from '../docker/container.ts'
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

export async function* minionLogs(
  minion: string,
  { service, ...options }: LogOptions,
  { projection, engine }: { projection: Projection; engine: Pick<Engine, 'logs'> },
): AsyncGenerator<LogLine> {
  const containers = projection.ours(minion).filter((container) => !service || container.service === service)
  const sources = containers.map((container) => ({
    name: container.service ?? container.name,
    lines: engine.logs(container.id, options)[Symbol.asyncIterator](),
  }))
  const ask = async (source: (typeof sources)[number]) => ({ source, next: await source.lines.next() })
  const waiting = new Map(sources.map((source) => [source, ask(source)]))
  while (waiting.size > 0) {
    const { source, next } = await Promise.race(waiting.values())
    if (next.done) {
      waiting.delete(source)
      continue
    }
    yield { service: source.name, ...next.value }
    waiting.set(source, ask(source))
  }
}
