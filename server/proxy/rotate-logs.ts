/** Access logs grow for ever otherwise: `x.log` becomes `x.log.1` and so on, the oldest goes, nginx opens new files. */
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

interface Rotation {
  dir: string
  /** Rotated files kept of each log. */
  keep?: number
  /** Smaller logs wait. */
  minBytes?: number
  /** Tells nginx to open its files again (signal USR1). */
  reopen(): Promise<void>
}

/** Returns the logs that were rotated. */
export async function rotateLogs({
  dir,
  keep = 7,
  minBytes = 1024 * 1024,
  reopen,
}: Rotation): Promise<string[]> {
  const rotated: string[] = []
  const names = await readdir(dir).catch((): string[] => [])
  for (const name of names.filter((candidate) => candidate.endsWith('.log'))) {
    const file = join(dir, name)
    if ((await stat(file)).size < minBytes) continue
    await rm(`${file}.${keep}`, { force: true })
    for (let age = keep - 1; age >= 1; age--)
      if (names.includes(`${name}.${age}`)) await rename(`${file}.${age}`, `${file}.${age + 1}`)
    await rename(file, `${file}.1`)
    rotated.push(name)
  }
  if (rotated.length > 0) await reopen()
  return rotated
}
