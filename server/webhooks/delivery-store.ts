/** Deliveries in SQLite. Only SQL. */
import type { Database } from 'better-sqlite3'
import type { DeliveryState } from './words.ts'
import type { Call } from './walk.ts'

export interface DeliveryRow {
  id: number
  uid: string
  run: number
  step: string
  destination: string
  call: string
  state: DeliveryState
  attempts: number
  progress: number
  due_at: number
  give_up_at: number
  group_key: string | null
  leader: number | null
  created_at: number
  ended_at: number | null
  error: string | null
  result: string | null
}

export interface ListedRow extends DeliveryRow {
  recipe: string
  event_id: number
}

export interface NewDelivery {
  uid: string
  run: number
  step: string
  destination: string
  call: Call
  state: DeliveryState
  dueAt: number
  giveUpAt: number
  at: number
  groupKey?: string
  leader?: number
  error?: string
  result?: unknown
}

export interface DeliveryFilter {
  state?: string | undefined
  destination?: string | undefined
  recipe?: string | undefined
  event?: number | undefined
  before?: number | undefined
  limit?: number | undefined
}

const ENDED = "('delivered', 'dead', 'dropped')"

export function createDeliveryStore(db: Database) {
  const one = (sql: string) => db.prepare<(string | number)[], DeliveryRow>(sql)
  const insert = db.prepare(`
    INSERT INTO deliveries (uid, run, step, destination, call, state, due_at, give_up_at, group_key, leader, created_at,
      ended_at, error, result)
    VALUES (@uid, @run, @step, @destination, @call, @state, @dueAt, @giveUpAt, @groupKey, @leader, @at,
      CASE WHEN @state IN ${ENDED} THEN @at END, @error, @result)`)
  const get = one('SELECT * FROM deliveries WHERE id = ?')
  const ofRun = one('SELECT * FROM deliveries WHERE run = ?')
  const first = one(
    "SELECT * FROM deliveries WHERE destination = ? AND state = 'pending' AND aside = 0 ORDER BY id LIMIT 1",
  )
  const aside = one(
    "SELECT * FROM deliveries WHERE destination = ? AND state = 'pending' AND aside = 1 ORDER BY due_at LIMIT 1",
  )
  const fresh = one(`
    SELECT * FROM deliveries WHERE destination = ? AND state = 'pending' AND id > ? AND attempts = 0 AND due_at <= ?
    ORDER BY id LIMIT ?`)
  const claim = db.prepare(
    "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, lease_until = ? WHERE id = ?",
  )
  const progress = db.prepare('UPDATE deliveries SET progress = ? WHERE id = ?')
  const again = db.prepare(
    "UPDATE deliveries SET state = 'pending', due_at = ?, lease_until = NULL, error = ?, aside = ? WHERE id = ?",
  )
  const end = db.prepare(`
    UPDATE deliveries SET state = @state, ended_at = @at, lease_until = NULL, error = @error, result = @result,
      made = @made WHERE id = @id OR (leader = @id AND state = 'joined')`)
  const attempt = db.prepare(
    'INSERT OR REPLACE INTO delivery_attempts (delivery, attempt, at, took_ms, status, error) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const attempts = db.prepare<
    [number],
    { attempt: number; at: number; took_ms: number; status: number | null; error: string | null }
  >('SELECT attempt, at, took_ms, status, error FROM delivery_attempts WHERE delivery = ? ORDER BY attempt')
  const release = db.prepare(
    "UPDATE deliveries SET state = 'pending', lease_until = NULL WHERE state = 'sending' AND lease_until < ?",
  )
  const ripe = one("SELECT * FROM deliveries WHERE state = 'waiting' AND due_at <= ? LIMIT 500")
  const nextRipe = db.prepare<[], { due_at: number | null }>(
    "SELECT min(due_at) AS due_at FROM deliveries WHERE state = 'waiting'",
  )
  const ready = db.prepare(
    "UPDATE deliveries SET state = 'pending', due_at = ?, call = ?, group_key = NULL WHERE id = ?",
  )
  const gathering = one("SELECT * FROM deliveries WHERE state = 'waiting' AND group_key = ?")
  const members = one('SELECT * FROM deliveries WHERE leader = ? ORDER BY id')
  const memberCount = db.prepare<[number], { count: number }>(
    'SELECT count(*) AS count FROM deliveries WHERE leader = ?',
  )
  const join = db.prepare("UPDATE deliveries SET state = 'joined', leader = ? WHERE id = ?")
  const setCall = db.prepare('UPDATE deliveries SET call = ? WHERE id = ?')
  const due = db.prepare('UPDATE deliveries SET due_at = ? WHERE id = ?')
  const destinations = db.prepare<[], { destination: string }>(
    "SELECT DISTINCT destination FROM deliveries WHERE state = 'pending'",
  )
  const maker = db.prepare<[string], { run: number }>(
    'SELECT run FROM deliveries WHERE made = ? ORDER BY id DESC LIMIT 1',
  )
  const where = `(@state IS NULL OR d.state = @state) AND (@destination IS NULL OR d.destination = @destination)
      AND (@recipe IS NULL OR r.recipe = @recipe) AND (@event IS NULL OR r.event_id = @event)
      AND (@before IS NULL OR d.id < @before)`
  const list = db.prepare<object, ListedRow>(`
    SELECT d.*, r.recipe, r.event_id FROM deliveries d JOIN recipe_runs r ON r.id = d.run
    WHERE ${where} ORDER BY d.id DESC LIMIT @limit`)
  const replay = db.prepare(`
    UPDATE deliveries SET state = 'pending', attempts = 0, progress = 0, aside = 0, due_at = @at, give_up_at = @giveUpAt,
      ended_at = NULL, leader = NULL, group_key = NULL, error = NULL, result = NULL WHERE id = @id AND state IN ${ENDED}`)
  const remove = db.prepare('DELETE FROM deliveries WHERE id = ?')
  const clearAttempts = db.prepare('DELETE FROM delivery_attempts WHERE delivery = ?')
  const counts = db.prepare<[], { destination: string; state: DeliveryState; count: number }>(
    'SELECT destination, state, count(*) AS count FROM deliveries GROUP BY destination, state',
  )
  const parameters = ({ state, destination, recipe, event, before, limit }: DeliveryFilter) => ({
    state: state ?? null,
    destination: destination ?? null,
    recipe: recipe ?? null,
    event: event ?? null,
    before: before ?? null,
    limit: limit ?? 50,
  })

  return {
    insert(delivery: NewDelivery): number {
      const { call, result, ...rest } = delivery
      const { lastInsertRowid } = insert.run({
        groupKey: null,
        leader: null,
        error: null,
        ...rest,
        call: JSON.stringify(call),
        result: result === undefined ? null : JSON.stringify(result),
      })
      return Number(lastInsertRowid)
    },
    get: (id: number) => get.get(id),
    ofRun: (run: number) => ofRun.all(run),
    /** Whose turn it is, and whether it is due: the eldest that did not fail too often, else one that was set aside. */
    next(destination: string, now: number): DeliveryRow | undefined {
      const head = first.get(destination)
      const other = aside.get(destination)
      if (!head || !other) return head ?? other
      if (other.due_at <= now && (head.due_at > now || other.id < head.id)) return other
      return head.due_at <= now || head.due_at <= other.due_at ? head : other
    },
    fresh: (destination: string, behind: number, now: number, limit: number) =>
      fresh.all(destination, behind, now, limit),
    claim: (id: number, leaseUntil: number) => void claim.run(leaseUntil, id),
    progress: (id: number, parts: number) => void progress.run(parts, id),
    /** `aside`: those behind it no longer wait for it. */
    again: (id: number, dueAt: number, error: string, aside: boolean) =>
      void again.run(dueAt, error, aside ? 1 : 0, id),
    /** Also of those that are told in the same message. */
    end: (
      id: number,
      state: 'delivered' | 'dead' | 'dropped',
      at: number,
      { error, result, made }: { error?: string; result?: unknown; made?: string },
    ) =>
      void end.run({
        id,
        state,
        at,
        error: error ?? null,
        result: result === undefined ? null : JSON.stringify(result),
        made: made ?? null,
      }),
    attempted: (id: number, count: number, at: number, took: number, status?: number, error?: string) =>
      void attempt.run(id, count, at, took, status ?? null, error ?? null),
    attempts: (id: number) => attempts.all(id),
    release: (leasesBefore: number) => release.run(leasesBefore).changes,
    ripe: (now: number) => ripe.all(now),
    nextRipe: () => nextRipe.get()?.due_at ?? undefined,
    ready: (id: number, now: number, call: string) => void ready.run(now, call, id),
    gathering: (key: string) => gathering.get(key),
    members: (leader: number) => members.all(leader),
    memberCount: (leader: number) => memberCount.get(leader)?.count ?? 0,
    join: (id: number, leader: number) => void join.run(leader, id),
    setCall: (id: number, call: Call) => void setCall.run(JSON.stringify(call), id),
    setDue: (id: number, at: number) => void due.run(at, id),
    destinations: () => destinations.all().map(({ destination }) => destination),
    /** The run that made what lies at the address. */
    makerOf: (url: string) => maker.get(url)?.run,
    list: (filter: DeliveryFilter) => list.all(parameters(filter)),
    replay(id: number, at: number, giveUpAt: number): boolean {
      const { changes } = replay.run({ id, at, giveUpAt })
      if (changes > 0) clearAttempts.run(id)
      return changes > 0
    },
    /** The chain makes it anew. */
    remove: (id: number) => void remove.run(id),
    counts: () => counts.all(),
  }
}
export type DeliveryStore = ReturnType<typeof createDeliveryStore>
