-- People, how they prove who they are, and where they are signed in.
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'administrator')),
  -- absent until they have used their link
  password TEXT,
  totp_secret BLOB,
  -- the time step of the last code: none works twice
  totp_step INTEGER,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  secret_sha256 BLOB NOT NULL CHECK (length(secret_sha256) = 32),
  device TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  -- when the person last proved who they are
  confirmed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user);

CREATE TABLE passkeys (
  id TEXT PRIMARY KEY,
  user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  public_key BLOB NOT NULL,
  counter INTEGER NOT NULL,
  transports TEXT NOT NULL,
  created_at TEXT NOT NULL,
  last_used_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX passkeys_by_user ON passkeys (user);

CREATE TABLE recovery_codes (
  user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  code_sha256 BLOB NOT NULL CHECK (length(code_sha256) = 32),
  PRIMARY KEY (user, code_sha256)
) STRICT, WITHOUT ROWID;

-- One-time links; without a user it is the first administrator's.
CREATE TABLE account_links (
  secret_sha256 BLOB PRIMARY KEY CHECK (length(secret_sha256) = 32),
  user TEXT REFERENCES users (id) ON DELETE CASCADE,
  forget_factors INTEGER NOT NULL DEFAULT 0,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX account_links_by_user ON account_links (user);

-- Failed sign-ins by name, known or not.
CREATE TABLE sign_in_failures (
  name_sha256 BLOB PRIMARY KEY,
  failures INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who changed what, from where; only ever appended to, and trimmed by count.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  via TEXT NOT NULL CHECK (via IN ('user', 'token', 'local', 'job', 'public')),
  address TEXT,
  action TEXT NOT NULL,
  target TEXT,
  -- of the answer; absent where nobody was answered
  status INTEGER,
  change TEXT
) STRICT;
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_action ON audit (action, id);
