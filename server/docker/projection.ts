/**
 * Observed state, in memory: every container of the engine as the last inspect saw it. Fed by events, read again in
 * full at the start, on every reconnect and every five minutes (the engine keeps only its last 256 events).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { asSummonerError } from '../errors.ts'
import { LABEL, type Container, type Engine, type EngineEvent } from './container.ts'
import { createEndings } from './endings.ts'

const FULL_READ_MS = 5 * 60_000
const RECONNECT_MS = [200, 500, 1_000, 2_000, 5_000]

export interface Projection {
  all(): Container[]
  /** Containers of this box, of one minion when named. */
  ours(minion?: string): Container[]
  foreign(): Container[]
  connected(): boolean
  /** Reads one container now, or all; for verbs that just changed something. */
  refresh(id?: string): Promise<void>
  onChange(
    listener: (change: { id: string; before: Container | undefined; after: Container | undefined }) => void,
  ): () => void
  /** `lost` when the engine goes, `back` after the full read that follows. */
  onConnection(listener: (state: 'lost' | 'back', detail: string) => void): () => void
  start(): Promise<void>
  stop(): void
}

interface ProjectionDeps {
  engine: Engine
  boxId: string
  onError(error: unknown): void
}

export function createProjection({ engine, boxId, onError }: ProjectionDeps): Projection {
  const containers = new Map<string, Container>()
  let connected = false
  let stopped = false
  let stream: { close(): void } | undefined
  let timer: NodeJS.Timeout | undefined
  const pending = new Set<string>()
  /** Reads are numbered as they begin: an answer never replaces that of a read which began after it. */
  let reads = 0
  const newest = new Map<string, number>()
  let working = false
  const endings = createEndings()
  const changeListeners = new Set<Parameters<Projection['onChange']>[0]>()
  const connectionListeners = new Set<Parameters<Projection['onConnection']>[0]>()

  const put = (id: string, after: Container | undefined, read: number) => {
    if ((newest.get(id) ?? 0) > read) return
    newest.set(id, read)
    const before = containers.get(id)
    if (after) containers.set(id, after)
    else containers.delete(id)
    if (JSON.stringify(before) !== JSON.stringify(after))
      for (const listener of changeListeners) listener({ id, before, after })
  }

  const readOne = async (id: string) => {
    const read = ++reads
    try {
      put(id, await engine.inspect(id), read)
    } catch (error) {
      if (asSummonerError(error).code === 'engine.missing') put(id, undefined, read)
      else throw error
    }
  }

  const readAll = async () => {
    const read = ++reads
    const found = new Map((await engine.listContainers()).map((container) => [container.id, container]))
    const gone = [...containers.keys()].filter((id) => !found.has(id))
    for (const id of gone) put(id, undefined, read)
    for (const [id, container] of found) put(id, container, read)
    for (const [id, last] of newest) if (last <= read && !containers.has(id)) newest.delete(id)
  }

  /** A burst of events about one container costs one inspect. */
  const work = async () => {
    if (working) return
    working = true
    while (pending.size > 0) {
      const ids = [...pending].slice(0, 8)
      for (const id of ids) pending.delete(id)
      await Promise.all(ids.map((id) => readOne(id).catch(onError)))
    }
    working = false
  }

  const onEvent = (event: EngineEvent) => {
    const id = event.type === 'container' ? event.id : event.attributes['container']
    if (!id) return
    const end = endings(event, containers.get(id))
    if (end) put(id, end, ++reads)
    pending.add(id)
    void work()
  }

  const connect = async (): Promise<void> => {
    let over = false
    const opened = await engine.events(undefined, onEvent, () => {
      over = true
      if (connected && stream === opened) void reconnect('The event stream of the engine ended.')
    })
    stream = opened
    await readAll()
    if (over) throw new Error('The event stream of the engine ended while it was read.')
    connected = true
  }

  const reconnect = async (reason: string) => {
    if (stopped) return
    connected = false
    for (const listener of connectionListeners) listener('lost', reason)
    for (let attempt = 0; !stopped; attempt++) {
      await sleep(RECONNECT_MS[Math.min(attempt, RECONNECT_MS.length - 1)])
      try {
        await connect()
        for (const listener of connectionListeners) listener('back', 'The engine answers again.')
        return
      } catch {
        stream?.close()
      }
    }
  }

  /** The box alone says little: containers that a person runs from an image of ours have that label from it. */
  const isOurs = (labels: Container['labels']) => labels[LABEL.box] === boxId && LABEL.minion in labels

  const ours = (minion?: string) =>
    [...containers.values()].filter(
      ({ labels }) => isOurs(labels) && (minion === undefined || labels[LABEL.minion] === minion),
    )

  return {
    all: () => [...containers.values()],
    ours,
    foreign: () => [...containers.values()].filter(({ labels }) => !isOurs(labels)),
    connected: () => connected,
    refresh: (id) => (id === undefined ? readAll() : readOne(id)),
    onChange(listener) {
      changeListeners.add(listener)
      return () => changeListeners.delete(listener)
    },
    onConnection(listener) {
      connectionListeners.add(listener)
      return () => connectionListeners.delete(listener)
    },
    async start() {
      timer = setInterval(() => void readAll().catch(onError), FULL_READ_MS)
      timer.unref()
      try {
        await connect()
      } catch (error) {
        onError(error)
        stream?.close()
        void reconnect(asSummonerError(error).message)
      }
    },
    stop() {
      stopped = true
      clearInterval(timer)
      stream?.close()
    },
  }
}
