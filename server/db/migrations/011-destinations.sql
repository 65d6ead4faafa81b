-- Further repositories: what is known of each. Their truth lies with them.
CREATE TABLE destinations (
  name TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  -- the repository's own name for itself
  repository TEXT,
  -- absent when the last try succeeded
  problem TEXT,
  code TEXT,
  since TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  retry_at TEXT,
  succeeded_at TEXT,
  checked_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE destination_sets (
  destination TEXT NOT NULL REFERENCES destinations (name) ON DELETE CASCADE,
  set_id TEXT NOT NULL,
  copied_at TEXT NOT NULL,
  PRIMARY KEY (destination, set_id)
) STRICT, WITHOUT ROWID;
