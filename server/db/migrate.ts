/** Numbered migrations: `migrations/NNN-name.sql`, one transaction each, `user_version` says where a file stands. */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { SummonerError } from '../errors.ts'

export interface Migration {
  version: number
  name: string
  sql: string
}

export interface Migrated {
  from: number
  to: number
  /** The copy taken before; absent for a new file. */
  copy?: string
}

export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  return names.map((name, index) => {
    const version = Number(/^(\d{3})-[a-z0-9-]+\.sql$/.exec(name)?.[1])
    if (version !== index + 1) throw new Error(`Migration ${name} does not continue the numbering.`)
    return { version, name, sql: readFileSync(join(folder, name), 'utf8') }
  })
}

export function migrate(db: Database, file: string, migrations: readonly Migration[]): Migrated | undefined {
  const from = db.pragma('user_version', { simple: true }) as number
  const to = migrations.length
  if (from > to) {
    throw new SummonerError(
      'database.newer',
      `${file} was written by a newer Summoner (its version is ${from}, this one knows ${to}).`,
    )
  }
  if (from === to) return undefined
  const copy = from > 0 ? copyBefore(db, file, from) : undefined
  // A migration may rebuild a table that others refer to; SQLite allows that only with the checks off.
  db.pragma('foreign_keys = OFF')
  for (const migration of migrations.slice(from)) {
    try {
      db.transaction(() => {
        db.exec(migration.sql)
        const broken = db.pragma('foreign_key_check') as unknown[]
        if (broken.length > 0) throw new Error(`${broken.length} rows would refer to nothing`)
        db.pragma(`user_version = ${migration.version}`)
      }).immediate()
    } catch (error) {
      throw new SummonerError('database.failed', `${file} could not be migrated by ${migration.name}.`, {
        cause: error,
        hint: copy ? `It is unchanged; a copy lies at ${copy}.` : 'It is unchanged.',
      })
    }
  }
  db.pragma('foreign_keys = ON')
  return { from, to, ...(copy ? { copy } : {}) }
}

/** `VACUUM INTO` reads one consistent state, whatever the write-ahead log holds. */
function copyBefore(db: Database, file: string, version: number): string {
  const copy = `${file}.v${version}`
  const part = `${copy}.tmp`
  rmSync(part, { force: true })
  db.prepare('VACUUM INTO ?').run(part)
  chmodSync(part, 0o600)
  const descriptor = openSync(part, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
  renameSync(part, copy)
  return copy
}
