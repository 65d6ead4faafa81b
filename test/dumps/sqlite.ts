/** A SQLite file of a container that writes to it, in both of SQLite's journal modes. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Case } from './conformance.ts'
import type { Server } from './rig.ts'

const CLIENT = ['sqlite3', '-bail', '-cmd', '.timeout 5000', '/data/shop.db']

const sql = (server: Server, input: string) => server.run(CLIENT, { input })
const sqlLater = (server: Server, input: string) => server.later(CLIENT, { input })

export const sqlite = (mode: 'wal' | 'delete', image: () => string): Case => ({
  name: `sqlite, journal mode ${mode}`,
  still: true,
  wish(dir) {
    mkdirSync(join(dir, 'volume'), { recursive: true })
    return {
      engine: 'sqlite',
      image: image(),
      database: join(dir, 'volume/shop.db'),
      account: { user: '', password: '' },
      volumes: { [join(dir, 'volume')]: '/data' },
      ready: (server) => void sql(server, 'CREATE TABLE IF NOT EXISTS ready (a);'),
    }
  },
  fill: (server) =>
    void sql(
      server,
      `PRAGMA journal_mode = ${mode}; PRAGMA user_version = 42; PRAGMA application_id = 4711; PRAGMA encoding;
CREATE TABLE kinds (id INTEGER PRIMARY KEY AUTOINCREMENT, words TEXT COLLATE NOCASE, raw BLOB, real_ REAL, twice INT GENERATED ALWAYS AS (id * 2), CHECK (id > 0));
INSERT INTO kinds (words, raw, real_) VALUES ('😀 '' " ; --' || char(10), x'00ff0a', 1.7976931348623157e308), (NULL, NULL, NULL), ('', x'', -0.0), (1, 'text in a blob', 9e999);
INSERT INTO kinds (words, raw) VALUES (replace(hex(zeroblob(500000)), '00', 'é'), randomblob(2000000));
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO kinds (words, raw) SELECT 'row ' || i, randomblob(20) FROM n;
CREATE TABLE log (what) STRICT; DROP TABLE log; CREATE TABLE log (what TEXT) STRICT, WITHOUT ROWID;`.replace(
        'CREATE TABLE log (what) STRICT; DROP TABLE log; CREATE TABLE log (what TEXT) STRICT, WITHOUT ROWID;',
        `CREATE TABLE log (what TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TRIGGER told AFTER INSERT ON kinds BEGIN INSERT OR IGNORE INTO log VALUES ('it''s ' || NEW.id); END; INSERT INTO kinds (words) VALUES ('told');
CREATE VIEW seen AS SELECT id FROM kinds WHERE raw IS NOT NULL; CREATE VIRTUAL TABLE search USING fts5(words); INSERT INTO search VALUES ('find me');
CREATE INDEX lower_words ON kinds (lower(words)) WHERE raw IS NOT NULL; ANALYZE;`,
      ),
    ),
  tell: (server) =>
    sql(
      server,
      `PRAGMA user_version; PRAGMA application_id; PRAGMA integrity_check; SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 2;
SELECT id, quote(words), quote(raw), quote(real_), twice, typeof(words), typeof(raw) FROM kinds ORDER BY id; SELECT * FROM log; SELECT * FROM search WHERE search MATCH 'find'; SELECT * FROM sqlite_sequence;`,
    ),
  spoil: (server) =>
    void sql(
      server,
      'DROP TRIGGER told; DELETE FROM kinds WHERE id > 3; CREATE TABLE later (a); PRAGMA user_version = 1;',
    ),
  gone: (server) => sql(server, "SELECT count(*) FROM sqlite_schema WHERE name = 'later'").trim() === '0',
  signIn: (server) => sql(server, 'SELECT count(*) > 0 FROM kinds').trim() === '1',
  broken: Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(5000, 1)]),
  stoppedAtOnce: (server) => sql(server, 'SELECT count(*) > 0 FROM kinds').trim() === '1',
  write: (server, many) =>
    sqlLater(
      server,
      `CREATE TABLE IF NOT EXISTS apairs (a); CREATE TABLE IF NOT EXISTS zpairs (a); ${Array.from({ length: many }, (_, n) => `BEGIN IMMEDIATE; INSERT INTO apairs VALUES (${n}); INSERT INTO zpairs VALUES (${n}); COMMIT;`).join('\n')}`,
    ),
  even: (server) =>
    sql(server, 'SELECT (SELECT count(*) FROM apairs) - (SELECT count(*) FROM zpairs)').trim() === '0',
})
