/** The password of this box's repositories: made once, readable by root only, never made anew while one is there. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { writeFileAtomic } from '../config/write-file.ts'

/** Written by hand from a sheet of paper one day: no characters that look alike, in groups. */
export function passwordFile(
  file: string,
  random: (length: number) => string,
): { file: string; password: string } {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const groups = Array.from({ length: 6 }, () => random(5))
    writeFileAtomic(file, `${groups.join('-')}\n`, { mode: 0o600 })
  }
  return { file, password: readFileSync(file, 'utf8').trim() }
}
