/** The id of this box: made once, carried by every label of ours. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export function boxId(file: string, make: () => string): string {
  try {
    const id = readFileSync(file, 'utf8').trim()
    if (id !== '') return id
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const id = make()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.tmp`, `${id}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.tmp`, file)
  return id
}
