/** Which built images lie in which registry, in SQLite. */
import type { Database } from 'better-sqlite3'
import type { PushedImage } from './pushed-image.ts'

interface Row {
  name: string
  registry: string
  digest: string
  size: number
  pushed_at: string
}

const imageOf = ({ pushed_at: at, ...row }: Row): PushedImage => ({ ...row, at })

export function createPushedImageStore(db: Database) {
  const find = db.prepare<[string], Row>('SELECT * FROM pushed_images WHERE name = ?')
  const keep = db.prepare(
    `INSERT INTO pushed_images (name, registry, digest, size, pushed_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET registry = excluded.registry, digest = excluded.digest,
       size = excluded.size, pushed_at = excluded.pushed_at`,
  )
  return {
    find(name: string): PushedImage | undefined {
      const row = find.get(name)
      return row && imageOf(row)
    },
    keep: ({ name, registry, digest, size, at }: PushedImage) =>
      void keep.run(name, registry, digest, size, at),
  }
}

export type PushedImageStore = ReturnType<typeof createPushedImageStore>
