/** Shows a stream until it ends or Ctrl-C. */
import type { Context } from './command.ts'
import { Interrupted } from './follow.ts'
import type { ServerEvent } from './sse.ts'

export async function untilInterrupted(
  { api, out, world }: Pick<Context, 'api' | 'out' | 'world'>,
  path: string,
  show: (event: ServerEvent) => void,
): Promise<void> {
  const stop = new AbortController()
  const off = world.onInterrupt(() => stop.abort())
  try {
    for await (const event of api.stream(path, { signal: stop.signal })) show(event)
    out.note('The stream has ended.')
  } catch (error) {
    if (stop.signal.aborted) throw new Interrupted()
    throw error
  } finally {
    off()
  }
}
