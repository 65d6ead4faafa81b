-- Addresses of webhooks: a source may have several while one takes over from another. The token is kept as its SHA-256.
CREATE TABLE hook_tokens (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  token_sha256 BLOB NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  expires_at TEXT,
  last_used_at TEXT
) STRICT, WITHOUT ROWID;

-- What was taken already: a webhook that comes again within its time is answered, and changes nothing.
CREATE TABLE hook_seen (
  source TEXT NOT NULL,
  key BLOB NOT NULL,
  -- milliseconds since the epoch
  until INTEGER NOT NULL,
  PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX hook_seen_by_end ON hook_seen (until);

-- Counts of a source, written every few seconds.
CREATE TABLE hook_counts (
  source TEXT PRIMARY KEY,
  accepted INTEGER NOT NULL,
  repeated INTEGER NOT NULL,
  -- JSON: {reason: count}
  refused TEXT NOT NULL,
  seen_at TEXT,
  refused_at TEXT,
  refused_for TEXT
) STRICT, WITHOUT ROWID;
