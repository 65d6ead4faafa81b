-- Jobs: the queue and its history. `seq` is the order of submission.
CREATE TABLE jobs (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  minion TEXT,
  state TEXT NOT NULL
    CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
  actor TEXT NOT NULL,
  input TEXT NOT NULL,
  steps TEXT NOT NULL DEFAULT '[]',
  -- Names of the steps that ever began, also before a crash: what an undo must cover.
  touched TEXT NOT NULL DEFAULT '[]',
  -- How often a crash put this job back.
  requeues INTEGER NOT NULL DEFAULT 0,
  result TEXT,
  -- Present on a running job: it is being undone and will end with this.
  problem TEXT,
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, seq);
CREATE INDEX jobs_by_minion ON jobs (minion, seq);

CREATE TABLE job_log (
  job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (job, seq)
) STRICT, WITHOUT ROWID;

-- What must be undone after a crash; a row goes when it is settled.
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  job TEXT NOT NULL REFERENCES jobs (id),
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  minion TEXT,
  data TEXT,
  at TEXT NOT NULL,
  UNIQUE (job, key)
) STRICT;

-- AUTOINCREMENT: an id is a reader's position (Last-Event-ID), it never comes twice.
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  type TEXT NOT NULL,
  minion TEXT,
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
  title TEXT NOT NULL,
  data TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX events_by_minion ON events (minion, id);
CREATE INDEX events_by_type ON events (type, id);

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'administrator')),
  secret_sha256 BLOB NOT NULL CHECK (length(secret_sha256) = 32),
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  expires_at TEXT,
  last_used_at TEXT
) STRICT, WITHOUT ROWID;

-- Names a minion answered to before; they redirect.
CREATE TABLE former_hosts (
  host TEXT PRIMARY KEY,
  minion TEXT NOT NULL,
  since TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX former_hosts_by_minion ON former_hosts (minion);
