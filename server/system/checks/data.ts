import { join } from 'node:path'
import type { Directories } from '../../config/environment.ts'
import type { Check } from '../doctor.ts'
import type { HostFiles } from '../host.ts'

export interface DataDeps {
  files: Pick<HostFiles, 'stat' | 'list'>
  directories: Pick<Directories, 'data' | 'minions' | 'certificates' | 'run' | 'adminSocket'>
  /** The daemon's own. */
  uid: number
}

const OTHERS = 0o007
const WRITE_BY_OTHERS = 0o022

export const dataCheck = ({ files, directories, uid }: DataDeps): Check => ({
  id: 'data',
  title: 'Data folder',
  run: async () => {
    const look = (path: string) => files.stat(path).catch(() => undefined)
    const data = await look(directories.data)
    if (!data?.directory)
      return {
        state: 'fail',
        detail: `${directories.data} is not a folder.`,
        hint: 'Run ./install.sh again.',
      }
    const repairs: string[] = []
    if (data.uid !== uid) repairs.push(`chown ${uid} ${directories.data}`)
    if ((data.mode & WRITE_BY_OTHERS) !== 0) repairs.push(`chmod go-w ${directories.data}`)
    // Passwords and keys: nobody else may read them.
    const minions = await files.list(directories.minions).catch(() => [])
    const closed = [
      ...minions.map((name) => join(directories.minions, name, '.env')),
      directories.adminSocket,
    ]
    for (const path of closed) {
      const found = await look(path)
      if (found && (found.mode & OTHERS) !== 0) repairs.push(`chmod o-rwx ${path}`)
    }
    if (repairs.length === 0)
      return { state: 'ok', detail: `${directories.data} belongs to the daemon alone.` }
    return {
      state: 'warn',
      detail: `${repairs.length} ${repairs.length === 1 ? 'place is' : 'places are'} open to other users of this server.`,
      hint: ['Run as root:', ...repairs].join('\n'),
    }
  },
})
