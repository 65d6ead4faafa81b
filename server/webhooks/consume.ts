/** Reads the log of events behind a position of its own: position and runs in one commit, so nothing is lost or run twice. */
import type { Database } from 'better-sqlite3'
import type { Event, Events } from '../events/event.ts'
import type { Advance } from './advance.ts'
import type { LoopGuard } from './loop-guard.ts'
import { holds, remembered, takes, valueAt, type Decision } from './match.ts'
import type { Recipe } from './recipe.ts'
import type { RunStore } from './run-store.ts'

export interface ConsumeDeps {
  db: Database
  events: Pick<Events, 'list' | 'subscribe' | 'holdAfter'>
  runs: RunStore
  advance: Advance
  guard: LoopGuard
  /** Those of config.yml, or the alerts where there are none. */
  recipes(): readonly Recipe[]
  now(): number
  onStopped(recipe: string, reason: string): void
  onError(error: unknown): void
}

const PAGE = 100
/** After a crash what nobody wanted is looked at once more. */
const KEEP_POSITION_MS = 1_000

export function createConsumer(deps: ConsumeDeps) {
  const { db, events, runs } = deps
  let scheduled = false
  let working = false
  let unsubscribe = () => {}
  let release = () => {}
  let position = 0
  let keptPosition = 0
  let keeping: NodeJS.Timeout | undefined

  /** What no recipe takes is not read again, and costs no commit of its own: a busy source sends mostly such events. */
  function hear(event: Event): void {
    const isNext = !scheduled && event.id === position + 1
    if (!isNext || deps.recipes().some(({ on }) => takes(on, event))) return soon()
    position = event.id
    keeping ??= setTimeout(keepPosition, KEEP_POSITION_MS).unref()
  }

  function keepPosition(): void {
    clearTimeout(keeping)
    keeping = undefined
    if (keptPosition === position) return
    try {
      runs.advance(position)
      keptPosition = position
    } catch (error) {
      deps.onError(error)
    }
  }

  function soon(): void {
    if (scheduled || !working) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      if (!working) return
      try {
        if (page()) soon()
      } catch (error) {
        deps.onError(error)
        setTimeout(soon, 2_000).unref()
      }
    })
  }

  /** True when there may be more. */
  function page(): boolean {
    const found = events.list({ after: position, limit: PAGE })
    const last = found.at(-1)
    if (!last) return false
    const stopped: { recipe: string; reason: string }[] = []
    db.transaction(() => {
      const halted = new Set(runs.stops().map(({ recipe }) => recipe))
      const active = deps.recipes().filter(({ name, enabled }) => enabled !== false && !halted.has(name))
      for (const event of found)
        for (const recipe of active) {
          if (halted.has(recipe.name)) continue
          const reason = consider(recipe, event)
          if (reason === undefined) continue
          halted.add(recipe.name)
          runs.stop(recipe.name, deps.now(), reason)
          stopped.push({ recipe: recipe.name, reason })
        }
      runs.advance(last.id)
    }).immediate()
    position = keptPosition = last.id
    for (const { recipe, reason } of stopped) deps.onStopped(recipe, reason)
    return found.length === PAGE
  }

  /** Why the recipe must be stopped, if it must. A recipe that breaks takes no other with it. */
  function consider(recipe: Recipe, event: Event): string | undefined {
    try {
      if (!takes(recipe.on, event)) return undefined
      const wanted = judge(recipe, event, runs)
      const paths = remembered(recipe.if)
      // nothing is written for most events
      if (!wanted && paths.length === 0) return undefined
      return db.transaction(() => {
        for (const path of paths) {
          const value = JSON.stringify(valueAt(scopeOf(event), path) ?? null)
          runs.remember(recipe.name, memoryKey(path, event), value, deps.now())
        }
        if (!wanted) return undefined
        const cause = deps.guard.causeOf(event)
        const reason = deps.guard.problem(recipe.name, event, cause, deps.now())
        if (reason !== undefined) return reason
        deps.advance.advance(runs.insert(recipe, event, deps.now(), cause))
        return undefined
      })()
    } catch (error) {
      deps.onError(error)
      return undefined
    }
  }

  return {
    start(): void {
      const newest = events.list({ limit: 1 }).at(-1)?.id ?? 0
      const kept = runs.position()
      // a position ahead of the log comes from before a database was set aside
      position = kept === undefined ? newest : Math.min(kept, newest)
      if (kept !== position) runs.advance(position)
      keptPosition = position
      release = events.holdAfter(() => position)
      unsubscribe = events.subscribe(hear)
      working = true
      soon()
    },
    stop(): void {
      working = false
      unsubscribe()
      keepPosition()
      release()
    },
    /** How far it has read. */
    position: () => position,
  }
}

export const scopeOf = (event: Event) => ({ ...event, event })

export const memoryKey = (path: string, { source, subject, project, minion }: Event) =>
  `changed:${path.replace(/^event\./u, '')}:${source}:${subject ?? project ?? minion ?? ''}`

/** Whether the recipe's condition holds, with what it remembers. */
export function judge(
  recipe: Recipe,
  event: Event,
  store: Pick<RunStore, 'recall'>,
  note?: (decision: Decision) => void,
): boolean {
  if (recipe.if === undefined) return true
  const memory = (path: string) => {
    const kept = store.recall(recipe.name, memoryKey(path, event))
    return kept && { value: JSON.parse(kept.value) as unknown }
  }
  return holds(recipe.if, 'if', { scope: scopeOf(event), memory, note })
}
