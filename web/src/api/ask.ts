/** A question to the daemon as a component has it: the answer, why there is none, and asking again. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { happened, returns } from './live.ts'
import { troubleOf, type Trouble } from './problem.ts'

export interface Asked<T> {
  data: T | undefined
  trouble: Trouble | undefined
  /** Only while nothing was answered yet. */
  waiting: boolean
  again(): void
  set(value: T): void
}

interface When {
  /** Ask again when something happened on the box. */
  live?: boolean
  /** Ask again every so many ms while the page is looked at. */
  everyMs?: number
}

export function useAsk<T>(
  ask: ((signal: AbortSignal) => Promise<T>) | undefined,
  keys: readonly unknown[],
  { live = false, everyMs }: When = {},
): Asked<T> {
  const [state, setState] = useState<{ data?: T; trouble?: Trouble; keys: readonly unknown[] }>({ keys })
  const [round, setRound] = useState(0)
  const latest = useRef(ask)
  latest.current = ask
  const again = useCallback(() => setRound((before) => before + 1), [])
  const mark = live ? happened.value : returns.value
  const asking = ask !== undefined
  useEffect(() => {
    const question = latest.current
    if (!question) return
    const stopped = new AbortController()
    // a burst of events is one question
    const timer = setTimeout(
      () => {
        question(stopped.signal).then(
          (data) => stopped.signal.aborted || setState({ data, keys }),
          (error: unknown) =>
            stopped.signal.aborted ||
            setState((before) => ({
              ...(same(before.keys, keys) && before.data !== undefined ? { data: before.data } : {}),
              trouble: troubleOf(error),
              keys,
            })),
        )
      },
      round === 0 && mark === 0 ? 0 : 60,
    )
    return () => {
      clearTimeout(timer)
      stopped.abort()
    }
  }, [...keys, round, mark, asking])
  useEffect(() => {
    if (everyMs === undefined) return
    const timer = setInterval(() => document.visibilityState === 'visible' && again(), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  const current = same(state.keys, keys)
  const data = current ? state.data : undefined
  const trouble = current ? state.trouble : undefined
  return {
    data,
    trouble,
    waiting: asking && data === undefined && trouble === undefined,
    again,
    set: (value) => setState({ data: value, keys }),
  }
}

const same = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((value, index) => value === b[index])

/** An action with a button: runs once at a time, keeps why it was refused. */
export function useAct() {
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined)
  const act = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    if (busy) return undefined
    setBusy(true)
    setTrouble(undefined)
    try {
      return await work()
    } catch (error) {
      setTrouble(troubleOf(error))
      return undefined
    } finally {
      setBusy(false)
    }
  }
  return { busy, trouble, act, clear: () => setTrouble(undefined) }
}
