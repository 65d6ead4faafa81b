-- Figures over time. One row holds sixty neighbouring slots of one series, packed as 32-bit floats, NaN where nothing was measured.
CREATE TABLE sample_series (
  id INTEGER PRIMARY KEY,
  -- host, minion:<name> or vhost:<host>
  subject TEXT NOT NULL,
  -- a service of the minion, or empty
  name TEXT NOT NULL,
  metric TEXT NOT NULL,
  UNIQUE (subject, metric, name)
) STRICT;

CREATE TABLE sample_blocks (
  series INTEGER NOT NULL REFERENCES sample_series (id) ON DELETE CASCADE,
  -- 0: 10 seconds, 1: a minute, 2: ten minutes, 3: an hour
  level INTEGER NOT NULL,
  -- which sixty slots, counted from the epoch
  block INTEGER NOT NULL,
  slots BLOB NOT NULL CHECK (length(slots) = 240),
  PRIMARY KEY (series, level, block)
) STRICT, WITHOUT ROWID;
