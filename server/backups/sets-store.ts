/** The history of backups in SQLite; what can be restored is told by the repository. */
import type { Database } from 'better-sqlite3'
import { SummonerError } from '../errors.ts'
import type { BackupSet, Proof, Reason } from './set.ts'

interface Row {
  id: string
  minion: string
  job: string | null
  reason: Reason
  state: BackupSet['state']
  started_at: string
  at: string | null
  ended_at: string | null
  stopped: number
  downtime_ms: number | null
  files: number | null
  bytes: number | null
  added: number | null
  data_snapshot: string | null
  manifest_snapshot: string | null
  manifest: string | null
  problem: string | null
}

interface ProofRow {
  at: string
  passed: number
  rto_ms: number | null
  rpo_ms: number | null
  checks: string
  problem: string | null
}

/** What a finished backup knows of itself. */
export interface Made {
  at: string
  endedAt: string
  stopped: boolean
  downtimeMs: number
  files: number
  bytes: number
  added: number
  dataSnapshot: string
  manifestSnapshot: string
  manifest: string
}

/** A good set with what is needed to restore it. */
export interface StoredSet extends BackupSet {
  dataSnapshot: string
  manifestSnapshot: string
  manifest: string
}

export type SetsStore = ReturnType<typeof createSetsStore>

export function createSetsStore(db: Database) {
  const begin = db.prepare(
    'INSERT INTO backup_sets (id, minion, job, reason, state, started_at) VALUES (@id, @minion, @job, @reason, @state, @startedAt)',
  )
  const finish = db.prepare(`
    UPDATE backup_sets SET state = 'good', at = @at, ended_at = @endedAt, stopped = @stopped, downtime_ms = @downtimeMs,
      files = @files, bytes = @bytes, added = @added, data_snapshot = @dataSnapshot,
      manifest_snapshot = @manifestSnapshot, manifest = @manifest
    WHERE id = @id`)
  const fail = db.prepare(
    "UPDATE backup_sets SET state = 'failed', ended_at = ?, problem = ? WHERE job = ? AND state = 'running' RETURNING id",
  )
  const forgetUnfinished = db.prepare("DELETE FROM backup_sets WHERE job = ? AND state = 'running'")
  const adopt = db.prepare(`
    INSERT INTO backup_sets (id, minion, reason, state, started_at, at, ended_at, stopped, files, bytes, data_snapshot,
      manifest_snapshot, manifest)
    VALUES (@id, @minion, 'request', 'good', @at, @at, @at, @stopped, @files, @bytes, @dataSnapshot, @manifestSnapshot,
      @manifest)
    ON CONFLICT (id) DO UPDATE SET state = 'good', problem = NULL, at = excluded.at, files = excluded.files,
      bytes = excluded.bytes, data_snapshot = excluded.data_snapshot,
      manifest_snapshot = excluded.manifest_snapshot, manifest = excluded.manifest`)
  const removed = db.prepare("UPDATE backup_sets SET state = 'removed' WHERE id = ?")
  const one = db.prepare<[string], Row>('SELECT * FROM backup_sets WHERE id = ?')
  const listed = db.prepare<{ minion: string | null; state: string | null; limit: number }, Row>(`
    SELECT * FROM backup_sets
    WHERE (@minion IS NULL OR minion = @minion) AND (@state IS NULL OR state = @state)
    ORDER BY coalesce(at, started_at) DESC, seq DESC LIMIT @limit`)
  const newestProof = db.prepare<[string], ProofRow>(
    'SELECT * FROM backup_proofs WHERE set_id = ? AND passed IS NOT NULL ORDER BY id DESC LIMIT 1',
  )
  const beginProof = db.prepare('INSERT INTO backup_proofs (set_id, job, at) VALUES (?, ?, ?)')
  const endProof = db.prepare(`
    UPDATE backup_proofs SET at = @at, passed = @passed, rto_ms = @rtoMs, rpo_ms = @rpoMs, checks = @checks, problem = @problem
    WHERE job = @job AND passed IS NULL RETURNING set_id`)
  const forgetProof = db.prepare(
    'DELETE FROM backup_proofs WHERE job = ? AND passed IS NULL RETURNING set_id',
  )

  const setOf = (row: Row): BackupSet => {
    const proof = newestProof.get(row.id)
    return {
      id: row.id,
      minion: row.minion,
      reason: row.reason,
      state: row.state,
      startedAt: row.started_at,
      stopped: row.stopped === 1,
      ...defined({
        job: row.job,
        at: row.at,
        endedAt: row.ended_at,
        downtimeMs: row.downtime_ms,
        files: row.files,
        bytes: row.bytes,
        added: row.added,
        problem: row.problem,
      }),
      ...(proof ? { proof: proofOf(proof) } : {}),
    }
  }
  const rowOf = (id: string): Row => {
    const row = one.get(id)
    if (!row)
      throw new SummonerError('set.unknown', `There is no backup set ${JSON.stringify(id.slice(0, 80))}.`)
    return row
  }

  return {
    has: (id: string): boolean => one.get(id) !== undefined,
    begin(set: { id: string; minion: string; job: string; reason: Reason; startedAt: string }): void {
      // a job that begins again after a crash has one set, not two
      forgetUnfinished.run(set.job)
      begin.run({ ...set, state: 'running' })
    },
    finish: (id: string, made: Made): void => void finish.run({ id, ...made, stopped: made.stopped ? 1 : 0 }),
    /** Ids of the sets that the job leaves unfinished. */
    fail: (job: string, at: string, problem: string): string[] =>
      (fail.all(at, problem, job) as { id: string }[]).map(({ id }) => id),
    isGood: (id: string): boolean => one.get(id)?.state === 'good',
    /** One that the repository holds: its bytes are listed from now on. */
    adopt: (set: Omit<Made, 'endedAt' | 'downtimeMs' | 'added'> & { id: string; minion: string }): void =>
      void adopt.run({ ...set, stopped: set.stopped ? 1 : 0 }),
    removed: (id: string): void => void removed.run(id),
    get: (id: string): BackupSet => setOf(rowOf(id)),
    /** As it was written; also of a set that is no longer in the repository here. */
    manifestOf: (id: string): string | undefined => one.get(id)?.manifest ?? undefined,
    /** `set.unknown` also for one that was never finished or is removed. */
    restorable(id: string): StoredSet {
      const row = rowOf(id)
      const { data_snapshot, manifest_snapshot, manifest } = row
      if (row.state !== 'good' || !data_snapshot || !manifest_snapshot || !manifest)
        throw new SummonerError(
          'set.unknown',
          `The backup set ${id} is ${row.state}: there is nothing to restore.`,
        )
      return {
        ...setOf(row),
        dataSnapshot: data_snapshot,
        manifestSnapshot: manifest_snapshot,
        manifest,
      }
    },
    list: (filter: { minion?: string; state?: BackupSet['state']; limit?: number } = {}): BackupSet[] =>
      listed
        .all({ minion: filter.minion ?? null, state: filter.state ?? null, limit: filter.limit ?? 1000 })
        .map(setOf),
    /** A job that begins again after a crash has one proof, not two. */
    beginProof(set: string, job: string, at: string): void {
      forgetProof.run(job)
      beginProof.run(set, job, at)
    },
    /** The set that the job was to prove; undefined when it has told already. */
    endProof: (job: string, proof: Proof): string | undefined =>
      setIn(
        endProof.get({
          job,
          at: proof.at,
          passed: proof.passed ? 1 : 0,
          rtoMs: proof.rtoMs ?? null,
          rpoMs: proof.rpoMs ?? null,
          checks: JSON.stringify(proof.checks),
          problem: proof.problem ?? null,
        }),
      ),
    /** One that could not be tried says nothing. */
    forgetProof: (job: string): string | undefined => setIn(forgetProof.get(job)),
  }
}

const setIn = (row: unknown) => (row as { set_id: string } | undefined)?.set_id

function proofOf(row: ProofRow): Proof {
  return {
    at: row.at,
    passed: row.passed === 1,
    checks: JSON.parse(row.checks) as Proof['checks'],
    ...defined({ rtoMs: row.rto_ms, rpoMs: row.rpo_ms, problem: row.problem }),
  }
}

type Defined<T> = { [K in keyof T]?: NonNullable<T[K]> }
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null)) as Defined<T>
}
