/** Says once that a disk is nearly full, and once that it has room again. */
import type { Events } from '../events/event.ts'

const FULL = 90
/** Lower than the alarm, so that a disk at its edge does not speak every time. */
const CALM = 85

interface WatchDeps {
  events: Pick<Events, 'append'>
  /** Folders whose disks count. */
  paths(): string[]
  /** Of the disk that holds the folder. */
  space(path: string): Promise<{ device: number; total: number; free: number }>
}

export function createDiskWatch({ events, paths, space }: WatchDeps) {
  const told = new Set<number>()
  return async (): Promise<void> => {
    const seen = new Set<number>()
    for (const path of paths()) {
      const { device, total, free } = await space(path)
      if (total === 0 || seen.has(device)) continue
      seen.add(device)
      const used = 100 - (100 * free) / total
      const percent = Math.floor(used)
      const title = `The disk of ${path} is ${percent} % full`
      const data = { path, used: percent }
      if (used >= FULL && !told.has(device)) {
        told.add(device)
        events.append({ type: 'disk.low', severity: 'warning', title, data })
      } else if (used < CALM && told.delete(device)) events.append({ type: 'disk.recovered', title, data })
    }
  }
}
