/** Jobs, their logs and the journal in SQLite. Rows that make no sense are read as far as they do. */
import type { Database } from 'better-sqlite3'
import type { Problem } from '../errors.ts'
import type { Job, JobState, JournalEntry, StepRecord } from './job.ts'

/** A job as it is kept: what the API shows, and what the runner needs after a crash. */
export interface JobRecord extends Job {
  seq: number
  /** Canonical JSON. */
  input: string
  touched: string[]
  requeues: number
}

export interface LogLine {
  seq: number
  at: string
  line: string
}

export type KeptEntry = JournalEntry & { jobId: string }

interface JobRow {
  seq: number
  id: string
  kind: string
  minion: string | null
  state: JobState
  actor: string
  input: string
  steps: string
  touched: string
  requeues: number
  result: string | null
  problem: string | null
  created_at: string
  started_at: string | null
  ended_at: string | null
}

interface JournalRow {
  job: string
  key: string
  kind: string
  minion: string | null
  data: string | null
}

export type JobStore = ReturnType<typeof createJobStore>

export function createJobStore(db: Database) {
  const insert = db.prepare(`
    INSERT INTO jobs (id, kind, minion, state, actor, input, created_at)
    VALUES (@id, @kind, @minion, 'queued', @actor, @input, @createdAt)`)
  const save = db.prepare(`
    UPDATE jobs SET state = @state, steps = @steps, touched = @touched, requeues = @requeues, result = @result,
      problem = @problem, started_at = @startedAt, ended_at = @endedAt
    WHERE id = @id`)
  const get = db.prepare<[string], JobRow>('SELECT * FROM jobs WHERE id = ?')
  const list = db.prepare<{ minion: string | null; state: string | null; limit: number }, JobRow>(`
    SELECT * FROM jobs WHERE (@minion IS NULL OR minion = @minion) AND (@state IS NULL OR state = @state)
    ORDER BY seq DESC LIMIT @limit`)
  const unfinished = db.prepare<[], JobRow>(
    "SELECT * FROM jobs WHERE state IN ('queued', 'running') ORDER BY seq",
  )
  const newestEnded = db.prepare<[string], JobRow>(`
    SELECT * FROM jobs WHERE minion = ? AND state NOT IN ('queued', 'running') ORDER BY seq DESC LIMIT 1`)
  const appendLine = db.prepare('INSERT INTO job_log (job, seq, at, line) VALUES (?, ?, ?, ?)')
  const trimLog = db.prepare('DELETE FROM job_log WHERE job = ? AND seq <= ?')
  const lastSeq = db.prepare<[string], number>('SELECT max(seq) FROM job_log WHERE job = ?').pluck()
  const lines = db.prepare<[string, number, number], LogLine>(
    'SELECT seq, at, line FROM job_log WHERE job = ? AND seq > ? ORDER BY seq LIMIT ?',
  )
  const enter = db.prepare(`
    INSERT INTO journal (job, key, kind, minion, data, at) VALUES (@job, @key, @kind, @minion, @data, @at)
    ON CONFLICT (job, key) DO UPDATE SET kind = excluded.kind, minion = excluded.minion, data = excluded.data`)
  const settle = db.prepare('DELETE FROM journal WHERE job = ? AND key = ?')
  const journal = db.prepare<[], JournalRow>('SELECT * FROM journal ORDER BY seq DESC')
  const prune = db.prepare(`
    DELETE FROM jobs
    WHERE seq <= (SELECT seq FROM jobs ORDER BY seq DESC LIMIT 1 OFFSET ?)
      AND state NOT IN ('queued', 'running')
      AND id NOT IN (SELECT job FROM journal)
      AND seq NOT IN (SELECT max(seq) FROM jobs WHERE minion IS NOT NULL GROUP BY minion)`)

  return {
    insert(job: Pick<Job, 'id' | 'kind' | 'minion' | 'actor' | 'createdAt'> & { input: string }): JobRecord {
      const { lastInsertRowid } = insert.run({ ...job, minion: job.minion ?? null })
      return { ...job, seq: Number(lastInsertRowid), state: 'queued', steps: [], touched: [], requeues: 0 }
    },
    save(record: JobRecord): void {
      save.run({
        id: record.id,
        state: record.state,
        steps: JSON.stringify(record.steps),
        touched: JSON.stringify(record.touched),
        requeues: record.requeues,
        result: record.result === undefined ? null : JSON.stringify(record.result),
        problem: record.problem === undefined ? null : JSON.stringify(record.problem),
        startedAt: record.startedAt ?? null,
        endedAt: record.endedAt ?? null,
      })
    },
    get: (id: string) => recordOf(get.get(id)),
    list: (filter: { minion?: string; state?: JobState; limit: number }) =>
      list
        .all({ minion: filter.minion ?? null, state: filter.state ?? null, limit: filter.limit })
        .map((row) => recordOf(row)),
    unfinished: () => unfinished.all().map((row) => recordOf(row)),
    newestEnded: (minion: string) => recordOf(newestEnded.get(minion)),
    /** One commit for many lines; only the newest `keep` lines of a job stay. */
    appendLines: db.transaction((id: string, added: readonly LogLine[], keep: number) => {
      for (const { seq, at, line } of added) appendLine.run(id, seq, at, line)
      trimLog.run(id, (added.at(-1)?.seq ?? 0) - keep)
    }),
    lastSeq: (id: string) => lastSeq.get(id) ?? 0,
    lines: (id: string, after: number, limit: number) => lines.all(id, after, limit),
    enter(job: string, entry: JournalEntry, at: string): void {
      const data = entry.data === undefined ? null : JSON.stringify(entry.data)
      enter.run({ job, key: entry.key, kind: entry.kind, minion: entry.minion ?? null, data, at })
    },
    settle: (job: string, key: string) => void settle.run(job, key),
    /** Unsettled entries, newest first: what was done last is undone first. */
    journal: (): KeptEntry[] =>
      journal.all().map((row) => ({
        jobId: row.job,
        key: row.key,
        kind: row.kind,
        ...(row.minion === null ? {} : { minion: row.minion }),
        ...(row.data === null ? {} : { data: parsed(row.data) }),
      })),
    /** Keeps the newest `keep` jobs, the newest of every minion, and whatever the journal still refers to. */
    prune: (keep: number) => prune.run(keep).changes,
  }
}

function recordOf(row: JobRow): JobRecord
function recordOf(row: JobRow | undefined): JobRecord | undefined
function recordOf(row: JobRow | undefined): JobRecord | undefined {
  if (!row) return undefined
  const problem = row.problem === null ? undefined : (parsed(row.problem) as Problem | undefined)
  return {
    seq: row.seq,
    id: row.id,
    kind: row.kind,
    ...(row.minion === null ? {} : { minion: row.minion }),
    state: row.state,
    actor: row.actor,
    input: row.input,
    steps: (parsed(row.steps) as StepRecord[] | undefined) ?? [],
    touched: (parsed(row.touched) as string[] | undefined) ?? [],
    requeues: row.requeues,
    ...(row.result === null ? {} : { result: parsed(row.result) }),
    ...(problem ? { problem } : {}),
    createdAt: row.created_at,
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
