-- Every backup that was tried. The repository is the truth of what can be restored; this is its history.
CREATE TABLE backup_sets (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  minion TEXT NOT NULL,
  job TEXT,
  reason TEXT NOT NULL,
  -- removed: retention took it out of the repository
  state TEXT NOT NULL CHECK (state IN ('running', 'good', 'failed', 'removed')),
  started_at TEXT NOT NULL,
  -- the instant the copy stands for
  at TEXT,
  ended_at TEXT,
  stopped INTEGER NOT NULL DEFAULT 0,
  downtime_ms INTEGER,
  files INTEGER,
  bytes INTEGER,
  -- what the repository grew by
  added INTEGER,
  data_snapshot TEXT,
  manifest_snapshot TEXT,
  manifest TEXT,
  problem TEXT
) STRICT;
CREATE INDEX backup_sets_by_minion ON backup_sets (minion, seq);
CREATE INDEX backup_sets_by_job ON backup_sets (job);

CREATE TABLE backup_proofs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  set_id TEXT NOT NULL REFERENCES backup_sets (id) ON DELETE CASCADE,
  job TEXT NOT NULL,
  at TEXT NOT NULL,
  -- absent while it runs
  passed INTEGER,
  -- how long the way back took, and how much work would have been lost
  rto_ms INTEGER,
  rpo_ms INTEGER,
  checks TEXT NOT NULL DEFAULT '[]',
  problem TEXT
) STRICT;
CREATE INDEX backup_proofs_by_set ON backup_proofs (set_id, id);
CREATE INDEX backup_proofs_by_job ON backup_proofs (job);

-- The newest minute of the wall clock that each schedule was carried out for.
CREATE TABLE schedule_slots (
  key TEXT PRIMARY KEY,
  cron TEXT NOT NULL,
  slot TEXT NOT NULL,
  ran_at TEXT
) STRICT, WITHOUT ROWID;
