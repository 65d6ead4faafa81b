/** TXT records that were put into a zone and not taken away yet; nothing but SQL. */
import type { Database } from 'better-sqlite3'
import type { TxtRecord } from './dns-provider.ts'

export type TxtRecords = ReturnType<typeof createTxtRecords>

export function createTxtRecords(db: Database) {
  const add = db.prepare('INSERT OR IGNORE INTO txt_records (name, value) VALUES (?, ?)')
  const drop = db.prepare('DELETE FROM txt_records WHERE name = ? AND value = ?')
  // read once: what comes later belongs to orders of this process that are under way
  let left = db.prepare<[], TxtRecord>('SELECT name, value FROM txt_records').all()
  return {
    /** Before it is put there. */
    begin: ({ name, value }: TxtRecord): void => void add.run(name, value),
    /** After it was taken away. */
    end({ name, value }: TxtRecord): void {
      drop.run(name, value)
      left = left.filter((record) => record.name !== name || record.value !== value)
    },
    /** Those of this name that an earlier daemon did not come to take away. */
    leftOf: (name: string): TxtRecord[] => left.filter((record) => record.name === name),
  }
}
