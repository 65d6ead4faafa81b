/** Terminals that are open: each is its owner's alone, and ends with the reader, the patience or the permission. */
import type { Container, Engine, Terminal, TerminalSize } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'
import type { SseMessage } from '../http/sse.ts'
import { AT_ONCE, IDLE_MS, SHELL, UNREAD_MS, type Ending, type Opened } from './terminal.ts'

export interface TerminalsDeps {
  engine: Pick<Engine, 'terminal'>
  ours(minion: string): Container[]
  /** config.yml allows them. */
  allowed(): boolean
  newId(): string
  now(): Date
  /** It has ended, for the audit log. */
  onEnd(opened: Opened, owner: string, why: Ending): void
  onError(error: unknown): void
}

interface Open {
  opened: Opened
  /** The session that opened it: what its owner's other sessions do is no business of it. */
  owner: { key: string; name: string }
  terminal: Terminal
  typedAt: number
  read: boolean
  end(why: Ending): void
  over: Promise<Ending>
  /** The program is gone. */
  gone?: Promise<void>
}

export type Terminals = ReturnType<typeof createTerminals>

export function createTerminals(deps: TerminalsDeps) {
  const { engine, ours, allowed, newId, now, onEnd, onError } = deps
  const open = new Map<string, Open>()
  let watch: NodeJS.Timeout | undefined
  /** Those that the engine was asked for and that are not there yet. */
  let coming = 0

  const look = () => {
    const at = now().getTime()
    for (const one of open.values())
      if (!allowed()) one.end('off')
      else if (at - one.typedAt > (one.read ? IDLE_MS : UNREAD_MS)) one.end('idle')
  }
  const of = (id: string, key: string): Open => {
    const found = open.get(id)
    if (!found || found.owner.key !== key)
      throw new SummonerError('terminal.unknown', 'There is no such terminal of yours.')
    return found
  }

  return {
    allowed,

    async open(minion: string, service: string, size: TerminalSize, owner: Open['owner']): Promise<Opened> {
      if (!allowed())
        throw new SummonerError('terminal.off', 'config.yml of this box does not allow terminals.')
      if (open.size + coming >= AT_ONCE)
        throw new SummonerError('terminal.many', `${AT_ONCE} terminals are open on this box.`)
      const container = ours(minion).find((one) => one.service === service && one.state === 'running')
      if (!container)
        throw new SummonerError('terminal.container', `No container ${service} of ${minion} runs.`)
      coming++
      const terminal = await engine.terminal(container.id, SHELL, size).finally(() => coming--)
      const opened: Opened = { id: newId(), minion, service, container: container.name }
      const over = Promise.withResolvers<Ending>()
      const one: Open = {
        opened,
        owner,
        terminal,
        typedAt: now().getTime(),
        read: false,
        over: over.promise,
        end(why) {
          if (!open.delete(opened.id)) return
          if (open.size === 0) clearInterval(watch)
          over.resolve(why)
          onEnd(opened, owner.name, why)
          one.gone = terminal.end().catch(onError)
        },
      }
      if (open.size === 0) watch = setInterval(look, 1_000)
      open.set(opened.id, one)
      return opened
    },

    type(id: string, key: string, data: string): void {
      const one = of(id, key)
      one.typedAt = now().getTime()
      one.terminal.write(data)
    },

    resize: (id: string, key: string, size: TerminalSize): Promise<void> => of(id, key).terminal.resize(size),

    close: (id: string, key: string): void => of(id, key).end('closed'),

    /** Refused before a stream begins. One reader: who stops reading has left. */
    output(id: string, key: string): (signal: AbortSignal) => AsyncGenerator<SseMessage> {
      const one = of(id, key)
      if (one.read) throw new SummonerError('terminal.unknown', 'Another page reads this terminal.')
      one.read = true
      return async function* (signal) {
        const left = () => one.end('closed')
        signal.addEventListener('abort', left, { once: true })
        if (signal.aborted) left()
        try {
          for await (const data of one.terminal.output)
            yield { event: 'output', data: Buffer.from(data).toString('base64') }
        } catch {
          // cut by its own end
        } finally {
          signal.removeEventListener('abort', left)
        }
        const code = await one.terminal.code().catch(() => undefined)
        one.end('ended')
        const why = await one.over
        yield { event: 'end', data: { why, ...(why === 'ended' && code !== undefined ? { code } : {}) } }
      }
    },

    /** With the daemon. */
    async stop(): Promise<void> {
      const all = [...open.values()]
      for (const one of all) one.end('closed')
      for (const { gone } of all) await gone
    },
  }
}
