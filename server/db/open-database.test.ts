import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import t from 'tap'
import { SummonerError } from '../errors.ts'
import { readMigrations, type Migration } from './migrate.ts'
import { openDatabase } from './open-database.ts'

const folder = mkdtempSync(join(tmpdir(), 'summoner-db-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

function quietLog() {
  const lines: string[] = []
  const log = (_data: unknown, line?: string) => void lines.push(line ?? '')
  return { lines, info: log, error: log }
}

const at = () => new Date('2026-02-03T04:05:06.789Z')
const one: Migration = { version: 1, name: '001-a.sql', sql: 'CREATE TABLE a (x TEXT NOT NULL) STRICT;' }
const two: Migration = { version: 2, name: '002-b.sql', sql: "INSERT INTO a VALUES ('from two');" }
const broken: Migration = {
  version: 2,
  name: '002-c.sql',
  sql: "INSERT INTO a VALUES ('half'); SELECT nope;",
}

t.test('a new file has every table, durable settings and a private mode', async (t) => {
  const file = join(folder, 'deep/er/new.db')
  const { db, quarantined, migrated } = openDatabase({ file, log: quietLog() })
  t.equal(quarantined, undefined)
  const files = readdirSync(join(import.meta.dirname, 'migrations'))
  t.same(migrated, { from: 0, to: files.length })
  t.equal(db.pragma('journal_mode', { simple: true }), 'wal')
  t.equal(db.pragma('synchronous', { simple: true }), 2, 'FULL')
  t.equal(db.pragma('foreign_keys', { simple: true }), 1)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(statSync(`${file}-wal`).mode & 0o777, 0o600)
  const tables = db
    .prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'")
    .all() as { name: string; strict: number }[]
  const names = tables.map((table) => table.name)
  for (const name of ['events', 'job_log', 'jobs', 'journal', 'tokens', 'users', 'sessions', 'audit'])
    t.ok(names.includes(name), name)
  t.ok(tables.every((table) => table.strict === 1))
  t.throws(() => db.prepare("INSERT INTO job_log VALUES ('nobody', 1, 'now', 'x')").run(), {
    code: 'SQLITE_CONSTRAINT_FOREIGNKEY',
  })
  db.close()
  const again = openDatabase({ file, log: quietLog() })
  t.equal(again.migrated, undefined, 'a second opening migrates nothing')
  again.db.close()
})

t.test('an existing file is copied before it is migrated', async (t) => {
  const file = join(folder, 'grow.db')
  const first = openDatabase({ file, log: quietLog(), migrations: [one] })
  first.db.exec("INSERT INTO a VALUES ('kept')")
  first.db.close()
  const log = quietLog()
  const second = openDatabase({ file, log, migrations: [one, two] })
  t.same(second.migrated, { from: 1, to: 2, copy: `${file}.v1` })
  t.match(log.lines, [/migrated from version 1 to 2/])
  t.same(second.db.prepare('SELECT x FROM a').pluck().all(), ['kept', 'from two'])
  t.equal(second.db.pragma('foreign_keys', { simple: true }), 1)
  second.db.close()
  t.equal(statSync(`${file}.v1`).mode & 0o777, 0o600)
  const copy = new SQLite(`${file}.v1`, { readonly: true })
  t.same(copy.prepare('SELECT x FROM a').pluck().all(), ['kept'])
  t.equal(copy.pragma('user_version', { simple: true }), 1)
  copy.close()
})

t.test('a migration that fails leaves the file as it was', async (t) => {
  const file = join(folder, 'half.db')
  openDatabase({ file, log: quietLog(), migrations: [one] }).db.close()
  t.throws(() => openDatabase({ file, log: quietLog(), migrations: [one, broken] }), {
    code: 'database.failed',
    message: /002-c\.sql/,
    hint: /half\.db\.v1/,
  })
  const { db } = openDatabase({ file, log: quietLog(), migrations: [one] })
  t.same(db.prepare('SELECT count(*) FROM a').pluck().get(), 0)
  db.close()
})

t.test('a file from a newer Summoner is refused and not touched', async (t) => {
  const file = join(folder, 'newer.db')
  openDatabase({ file, log: quietLog(), migrations: [one, two] }).db.close()
  const before = readFileSync(file)
  t.throws(() => openDatabase({ file, log: quietLog(), migrations: [one] }), {
    code: 'database.newer',
    message: /its version is 2, this one knows 1/,
  })
  t.same(readFileSync(file), before)
  t.notOk(existsSync(`${file}.v2`))
})

t.test('a damaged file is set aside with its log, and a new one begun', async (t) => {
  const damage: Record<string, (bytes: Buffer) => Buffer> = {
    'not a database': () => Buffer.from('this was never a database, '.repeat(40)),
    'header gone': (bytes) => bytes.fill(0xff, 0, 100),
    'pages overwritten': (bytes) => bytes.fill(0x5a, 4096),
    'cut short': (bytes) => bytes.subarray(0, bytes.length - 3000),
  }
  for (const [name, harm] of Object.entries(damage)) {
    const file = join(folder, `${name.replaceAll(' ', '-')}.db`)
    const { db } = openDatabase({ file, log: quietLog() })
    const fill = db.prepare('INSERT INTO former_hosts VALUES (?, ?, ?)')
    for (let count = 0; count < 500; count++) fill.run(`host-${count}.example.org`, 'cloud', 'now')
    db.close()
    const harmed = harm(readFileSync(file))
    writeFileSync(file, harmed)
    const log = quietLog()
    const opened = openDatabase({ file, log, now: at })
    t.equal(opened.quarantined?.file, `${file}.damaged-2026-02-03T04-05-06-789Z`, name)
    t.same(readFileSync(opened.quarantined?.file ?? ''), harmed, 'its bytes are kept')
    t.match(log.lines[0], /is damaged .* set aside/)
    t.equal(opened.db.prepare('SELECT count(*) FROM former_hosts').pluck().get(), 0)
    opened.db.close()
    const next = openDatabase({ file, log: quietLog(), now: at })
    t.equal(next.quarantined, undefined, 'the next start is clean')
    next.db.close()
  }
})

t.test('two damaged files at the same instant do not overwrite each other', async (t) => {
  const file = join(folder, 'twice.db')
  for (const text of ['first '.repeat(200), 'second '.repeat(200)]) {
    rmSync(`${file}-wal`, { force: true })
    writeFileSync(file, text)
    openDatabase({ file, log: quietLog(), now: at }).db.close()
  }
  const kept = readdirSync(folder).filter(
    (name) => name.startsWith('twice.db.damaged') && !/-(wal|shm)$/.test(name),
  )
  t.equal(kept.length, 2)
})

t.test('a folder that cannot be used is a clear error, not a quarantine', async (t) => {
  openDatabase({ file: join(folder, 'is-a-folder.db/x'), log: quietLog() }).db.close()
  t.throws(
    () => openDatabase({ file: join(folder, 'is-a-folder.db'), log: quietLog() }),
    new SummonerError(
      'database.failed',
      `${join(folder, 'is-a-folder.db')} cannot be opened: unable to open database file.`,
    ),
  )
})

t.test('the migrations of this version are numbered without a gap', async (t) => {
  t.ok(readMigrations(join(import.meta.dirname, 'migrations')).length > 0)
  const gap = mkdtempSync(join(folder, 'gap-'))
  writeFileSync(join(gap, '001-a.sql'), '')
  writeFileSync(join(gap, '003-b.sql'), '')
  t.throws(() => readMigrations(gap), /003-b\.sql does not continue/)
})
