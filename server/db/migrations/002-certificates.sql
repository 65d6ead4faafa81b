-- Every try to have a certificate from an ACME server: what the limits of the server and the pauses between tries are counted from.
CREATE TABLE certificate_attempts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  directory TEXT NOT NULL,
  -- sorted, separated by spaces
  names TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  -- refused: the preflight found a cause, the server was not asked
  outcome TEXT NOT NULL CHECK (outcome IN ('underway', 'issued', 'failed', 'refused')),
  -- announced to the server as the renewal of another: exempt from its limits
  replaces INTEGER NOT NULL DEFAULT 0,
  reason TEXT,
  retry_at TEXT
) STRICT;
CREATE INDEX certificate_attempts_by_names ON certificate_attempts (directory, names, id);
CREATE INDEX certificate_attempts_by_time ON certificate_attempts (started_at);

-- What the server advises for one certificate (ARI), and how far people were warned that it ends.
CREATE TABLE certificate_renewals (
  serial TEXT PRIMARY KEY,
  renew_at TEXT,
  ask_again_at TEXT,
  explanation TEXT,
  -- the last share of life left that was announced, in percent
  warned INTEGER
) STRICT, WITHOUT ROWID;
