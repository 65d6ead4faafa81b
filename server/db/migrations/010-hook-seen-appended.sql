-- Keys of webhooks as they come, in the commit of their events; moved to hook_seen in the order of the keys.
CREATE TABLE hook_seen_appended (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  key BLOB NOT NULL,
  until INTEGER NOT NULL
) STRICT;
