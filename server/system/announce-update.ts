/** Says that another version of Summoner runs than before. The version that ran last lies below data/state. */
import { readFileSync } from 'node:fs'
import { writeFileAtomic } from '../config/write-file.ts'
import type { Events } from '../events/event.ts'

interface AnnounceDeps {
  file: string
  version: string
  events: Pick<Events, 'append'>
}

export function announceUpdate({ file, version, events }: AnnounceDeps): void {
  const before = lastVersion(file)
  if (before === version) return
  if (before !== undefined)
    events.append({
      type: 'update.installed',
      title: `Summoner was updated from ${before} to ${version}`,
      data: { from: before, to: version },
    })
  // told twice after a crash rather than never
  writeFileAtomic(file, `${version}\n`, { mode: 0o600 })
}

function lastVersion(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
