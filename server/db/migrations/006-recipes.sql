-- How far recipes have read the log of events; it advances in the transaction that keeps what is to be done.
CREATE TABLE recipe_cursor (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  position INTEGER NOT NULL
) STRICT;

-- Recipes as they were when a run began: a chain that takes days ends as it began.
CREATE TABLE recipe_versions (
  id INTEGER PRIMARY KEY,
  definition TEXT NOT NULL UNIQUE
) STRICT;

-- One recipe at work on one event.
CREATE TABLE recipe_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  recipe TEXT NOT NULL,
  version INTEGER NOT NULL REFERENCES recipe_versions (id),
  event_id INTEGER NOT NULL,
  -- the log of events forgets sooner
  event TEXT NOT NULL,
  -- the run that led to this one
  cause INTEGER,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
  created_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX recipe_runs_by_end ON recipe_runs (state, ended_at);

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- sent along with every try
  uid TEXT NOT NULL UNIQUE,
  run INTEGER NOT NULL REFERENCES recipe_runs (id) ON DELETE CASCADE,
  step TEXT NOT NULL,
  destination TEXT NOT NULL,
  call TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('waiting', 'pending', 'sending', 'joined', 'delivered', 'dead', 'dropped')),
  attempts INTEGER NOT NULL DEFAULT 0,
  -- failed so often that those behind it no longer wait for it
  aside INTEGER NOT NULL DEFAULT 0,
  -- parts of a long message that went through
  progress INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL,
  give_up_at INTEGER NOT NULL,
  lease_until INTEGER,
  -- set while events are gathered for one message
  group_key TEXT,
  leader INTEGER,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  error TEXT,
  result TEXT,
  -- the address of what it made: an event about that is its own echo
  made TEXT,
  UNIQUE (run, step)
) STRICT;
CREATE INDEX deliveries_in_line ON deliveries (destination, aside, id) WHERE state = 'pending';
CREATE INDEX deliveries_aside ON deliveries (destination, due_at) WHERE state = 'pending' AND aside = 1;
CREATE INDEX deliveries_waiting ON deliveries (due_at) WHERE state = 'waiting';
CREATE INDEX deliveries_sending ON deliveries (id) WHERE state = 'sending';
CREATE INDEX deliveries_gathering ON deliveries (group_key) WHERE state = 'waiting' AND group_key IS NOT NULL;
CREATE INDEX deliveries_joined ON deliveries (leader) WHERE leader IS NOT NULL;
CREATE INDEX deliveries_by_state ON deliveries (state, id);
CREATE INDEX deliveries_made ON deliveries (made) WHERE made IS NOT NULL;

CREATE TABLE delivery_attempts (
  delivery INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  at INTEGER NOT NULL,
  took_ms INTEGER NOT NULL,
  status INTEGER,
  error TEXT,
  PRIMARY KEY (delivery, attempt)
) STRICT, WITHOUT ROWID;

-- What `changed` compares with, and how often a throttled step was taken.
CREATE TABLE recipe_memory (
  recipe TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (recipe, key)
) STRICT, WITHOUT ROWID;

-- Recipes that fed themselves, until a person enables them again.
CREATE TABLE recipe_stops (
  recipe TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
