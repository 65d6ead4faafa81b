import type { Check } from '../doctor.ts'
import type { HostFiles } from '../host.ts'

const GIB = 1024 ** 3
const FAIL_BELOW = GIB
const WARN_BELOW = 5 * GIB
const INODES_BELOW = 0.05

export interface DiskDeps {
  files: Pick<HostFiles, 'space'>
  folders: () => Promise<string[]>
}

export const diskCheck = ({ files, folders }: DiskDeps): Check => ({
  id: 'disk',
  title: 'Disk space',
  run: async () => {
    // Folders on the same file system share their space: one line for each file system.
    const systems = new Map<number, { path: string; free: number; total: number; inodes: number }>()
    for (const path of await folders()) {
      const space = await files.space(path).catch(() => undefined)
      if (!space || systems.has(space.device)) continue
      systems.set(space.device, {
        path,
        free: space.free,
        total: space.total,
        inodes: space.inodes > 0 ? space.freeInodes / space.inodes : 1,
      })
    }
    const all = [...systems.values()]
    if (all.length === 0) return { state: 'skip', detail: 'The data folders are not there yet.' }
    const detail = all
      .map(({ path, free, total, inodes }) => {
        const few = inodes < INODES_BELOW ? ', nearly no inodes left' : ''
        return `${gib(free)} of ${gib(total)} GiB free at ${path}${few}`
      })
      .join('\n')
    const hint = 'See what takes the space: `docker system df`, `du -xh --max-depth=2 <folder> | sort -h`.'
    if (all.some(({ free, inodes }) => free < FAIL_BELOW || inodes === 0))
      return { state: 'fail', detail, hint }
    if (all.some(({ free, inodes }) => free < WARN_BELOW || inodes < INODES_BELOW))
      return { state: 'warn', detail, hint }
    return { state: 'ok', detail }
  },
})

const gib = (count: number) => (count / GIB).toFixed(1)
