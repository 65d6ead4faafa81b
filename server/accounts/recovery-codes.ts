/** Codes for the day when the phone is gone: eighty random bits each, kept as SHA-256, each works once. */
import { createHash } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { base32 } from './totp.ts'

const COUNT = 10

export function createRecoveryCodes({
  db,
  randomBytes,
}: {
  db: Database
  randomBytes(size: number): Buffer
}) {
  const insert = db.prepare('INSERT INTO recovery_codes (user, code_sha256) VALUES (?, ?)')
  const use = db.prepare('DELETE FROM recovery_codes WHERE user = ? AND code_sha256 = ?')
  const clear = db.prepare('DELETE FROM recovery_codes WHERE user = ?')
  return {
    /** New ones in place of the old; shown this once. */
    renew(user: string): string[] {
      const codes = Array.from({ length: COUNT }, () =>
        (base32(randomBytes(10)).toLowerCase().match(/.{4}/g) ?? []).join('-'),
      )
      db.transaction(() => {
        clear.run(user)
        for (const code of codes) insert.run(user, hashOfCode(code))
      }).immediate()
      return codes
    },
    /** True once. */
    use: (user: string, code: string) => use.run(user, hashOfCode(code)).changes > 0,
    clear: (user: string) => void clear.run(user),
  }
}
export type RecoveryCodes = ReturnType<typeof createRecoveryCodes>

const hashOfCode = (code: string) =>
  createHash('sha256')
    .update(code.toLowerCase().replaceAll(/[^a-z2-7]/g, ''))
    .digest()
