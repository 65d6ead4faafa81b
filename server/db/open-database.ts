/** Opens Summoner's one SQLite file, migrated and checked; a damaged one is set aside, never fatal. */
import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import SQLite, { type Database } from 'better-sqlite3'
import type { FastifyBaseLogger } from 'fastify'
import { SummonerError } from '../errors.ts'
import { migrate, readMigrations, type Migrated, type Migration } from './migrate.ts'

export type { Database } from 'better-sqlite3'

export interface OpenedDatabase {
  db: Database
  /** A damaged file was renamed and a new one begun; the caller appends the `database.quarantined` event. */
  quarantined?: { file: string; reason: string }
  migrated?: Migrated
}

export interface OpenDatabaseDeps {
  file: string
  log: Pick<FastifyBaseLogger, 'info' | 'error'>
  now?: () => Date
  migrations?: readonly Migration[]
}

const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/

export function openDatabase({
  file,
  log,
  now = () => new Date(),
  migrations = readMigrations(join(import.meta.dirname, 'migrations')),
}: OpenDatabaseDeps): OpenedDatabase {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  let quarantined: OpenedDatabase['quarantined']
  let db: Database
  try {
    db = openChecked(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (!isDamage(error)) {
      throw new SummonerError('database.failed', `${file} cannot be opened: ${reason}.`, { cause: error })
    }
    quarantined = { file: setAside(file, now()), reason }
    log.error(quarantined, `${file} is damaged (${reason}); it was set aside and a new one is begun.`)
    db = openChecked(file)
  }
  try {
    const migrated = migrate(db, file, migrations)
    if (migrated) log.info(migrated, `${file} migrated from version ${migrated.from} to ${migrated.to}.`)
    return { db, ...(quarantined ? { quarantined } : {}), ...(migrated ? { migrated } : {}) }
  } catch (error) {
    db.close()
    throw error
  }
}

function openChecked(file: string): Database {
  const db = new SQLite(file, { timeout: 5000 })
  try {
    // Tokens' hashes and job logs are for root alone; SQLite gives its -wal and -shm the mode of the file.
    chmodSync(file, 0o600)
    db.pragma('journal_mode = WAL')
    // FULL, not WAL's usual NORMAL: NORMAL may lose the last commits when the power goes, and a journal entry
    // ("stopped X, must start X") has to be on the disk before the act. Everything chatty is written in batches.
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    db.pragma('trusted_schema = OFF')
    const findings = db.pragma('quick_check(3)') as { quick_check: string }[]
    if (findings[0]?.quick_check !== 'ok') {
      throw new DamagedError(findings.map((finding) => finding.quick_check.replaceAll('\n', ' ')).join('; '))
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

class DamagedError extends Error {}

function isDamage(error: unknown): boolean {
  return error instanceof DamagedError || (error instanceof SQLite.SqliteError && DAMAGED.test(error.code))
}

/** The write-ahead log goes with its file: replayed into the new one it would damage that too. */
function setAside(file: string, at: Date): string {
  const base = `${file}.damaged-${at.toISOString().replaceAll(/[:.]/g, '-')}`
  let target = base
  for (let count = 2; existsSync(target); count++) target = `${base}-${count}`
  renameSync(file, target)
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, target + suffix)
  }
  return target
}
