-- Images that were built here and lie in a private registry: what comes back must be what went.
CREATE TABLE pushed_images (
  -- the name in the registry, without the registry
  name TEXT PRIMARY KEY,
  registry TEXT NOT NULL,
  digest TEXT NOT NULL,
  size INTEGER NOT NULL,
  pushed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
