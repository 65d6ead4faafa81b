/** Runs of recipes, what recipes remember, and how far the log was read. Only SQL. */
import type { Database } from 'better-sqlite3'
import type { Event } from '../events/event.ts'
import type { Recipe } from './recipe.ts'

export interface Run {
  id: number
  recipe: Recipe
  event: Event
  cause?: number
}

interface RunRow {
  id: number
  definition: string
  event: string
  cause: number | null
}

export function createRunStore(db: Database) {
  const position = db.prepare<[], { position: number }>('SELECT position FROM recipe_cursor')
  const advance = db.prepare(
    'INSERT INTO recipe_cursor (id, position) VALUES (1, ?) ON CONFLICT DO UPDATE SET position = excluded.position',
  )
  const addVersion = db.prepare('INSERT OR IGNORE INTO recipe_versions (definition) VALUES (?)')
  const version = db.prepare<[string], { id: number }>('SELECT id FROM recipe_versions WHERE definition = ?')
  const insert = db.prepare(`
    INSERT INTO recipe_runs (recipe, version, event_id, event, cause, state, created_at)
    VALUES (@recipe, @version, @eventId, @event, @cause, 'waiting', @at)`)
  const get = db.prepare<[number], RunRow>(`
    SELECT r.id, definition, event, cause FROM recipe_runs r JOIN recipe_versions v ON v.id = r.version WHERE r.id = ?`)
  const end = db.prepare('UPDATE recipe_runs SET state = ?, ended_at = ? WHERE id = ?')
  // a run that is its own ancestor cannot be, but a damaged table must not hang us
  const ancestors = db.prepare<[number], { recipe: string }>(`
    WITH RECURSIVE up (id, cause, recipe, depth) AS (
      SELECT id, cause, recipe, 0 FROM recipe_runs WHERE id = ?
      UNION ALL SELECT r.id, r.cause, r.recipe, depth + 1 FROM recipe_runs r JOIN up ON r.id = up.cause WHERE depth < 50
    ) SELECT recipe FROM up`)
  const recall = db.prepare<[string, string], { value: string; at: number }>(
    'SELECT value, at FROM recipe_memory WHERE recipe = ? AND key = ?',
  )
  const remember = db.prepare(`
    INSERT INTO recipe_memory (recipe, key, value, at) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at`)
  const stops = db.prepare<[], { recipe: string; at: number; reason: string }>('SELECT * FROM recipe_stops')
  const stop = db.prepare('INSERT OR REPLACE INTO recipe_stops (recipe, at, reason) VALUES (?, ?, ?)')
  const unstop = db.prepare('DELETE FROM recipe_stops WHERE recipe = ?')
  const counts = db.prepare<[], { recipe: string; runs: number; last: number }>(
    'SELECT recipe, count(*) AS runs, max(created_at) AS last FROM recipe_runs GROUP BY recipe',
  )
  const forgetRuns = db.prepare(`
    DELETE FROM recipe_runs WHERE id IN (
      SELECT id FROM recipe_runs WHERE state = @state AND ended_at < @before ORDER BY ended_at LIMIT 2000)`)
  const forgetMemory = db.prepare('DELETE FROM recipe_memory WHERE at < ?')
  const forgetVersions = db.prepare(
    'DELETE FROM recipe_versions WHERE NOT EXISTS (SELECT 1 FROM recipe_runs WHERE version = recipe_versions.id)',
  )
  const versions = new Map<string, number>()

  function versionOf(recipe: Recipe): number {
    const definition = JSON.stringify(recipe)
    const known = versions.get(definition)
    if (known !== undefined) return known
    addVersion.run(definition)
    const { id = 0 } = version.get(definition) ?? {}
    if (versions.size > 1000) versions.clear()
    versions.set(definition, id)
    return id
  }

  return {
    position: () => position.get()?.position,
    advance: (to: number) => void advance.run(to),
    insert(recipe: Recipe, event: Event, at: number, cause?: number): Run {
      const { lastInsertRowid } = insert.run({
        recipe: recipe.name,
        version: versionOf(recipe),
        eventId: event.id,
        event: JSON.stringify(event),
        cause: cause ?? null,
        at,
      })
      return { id: Number(lastInsertRowid), recipe, event, ...(cause === undefined ? {} : { cause }) }
    },
    get(id: number): Run | undefined {
      const row = get.get(id)
      if (!row) return undefined
      return {
        id,
        recipe: JSON.parse(row.definition) as Recipe,
        event: JSON.parse(row.event) as Event,
        ...(row.cause === null ? {} : { cause: row.cause }),
      }
    },
    end: (id: number, state: 'waiting' | 'done' | 'failed', at: number) =>
      void end.run(state, state === 'waiting' ? null : at, id),
    /** Names of the recipes that led to the run, itself first. */
    lineage: (id: number) => ancestors.all(id).map(({ recipe }) => recipe),
    recall: (recipe: string, key: string) => recall.get(recipe, key),
    remember: (recipe: string, key: string, value: string, at: number) =>
      void remember.run(recipe, key, value, at),
    stops: () => stops.all(),
    stop: (recipe: string, at: number, reason: string) => void stop.run(recipe, at, reason),
    unstop: (recipe: string) => void unstop.run(recipe),
    counts: () => counts.all(),
    /** How many were forgotten; called until none is. */
    forget(state: 'done' | 'failed', before: number): number {
      const { changes } = forgetRuns.run({ state, before })
      return changes
    },
    forgetRest(before: number): void {
      forgetMemory.run(before)
      versions.clear()
      forgetVersions.run()
    },
  }
}
export type RunStore = ReturnType<typeof createRunStore>
