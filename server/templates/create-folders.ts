/** The host folders of a minion's data, made before its containers want to write into them. */
import { chmod, chown, lstat, mkdir, readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SummonerError } from '../errors.ts'
import type { Rendered } from './rendered.ts'

/**
 * Owner and mode are set on new and empty folders only: an image may choose its own, and data that is there is kept
 * as it is.
 */
export async function createFolders(folders: Rendered['folders']): Promise<void> {
  const sorted = folders.toSorted((a, b) => a.path.length - b.path.length)
  for (const { path, owner, mode } of sorted) {
    await refuseLinks(
      path,
      sorted.map((folder) => folder.path),
    )
    await mkdir(path, { recursive: true })
    if ((await readdir(path)).length > 0) continue
    const [uid, gid] = (owner ?? '').split(':').map(Number)
    if (uid !== undefined && gid !== undefined) await chown(path, uid, gid)
    if (mode !== undefined) await chmod(path, Number.parseInt(mode, 8))
  }
}

/** Inside a folder that a container writes, a link could lead anywhere on this server. */
async function refuseLinks(path: string, all: readonly string[]): Promise<void> {
  const mounted = all.filter((other) => path.startsWith(`${other}/`))
  const top = mounted[0]
  if (top === undefined) return
  for (let folder = path; folder.length > top.length; folder = dirname(folder)) {
    const stats = await lstat(folder).catch(() => undefined)
    if (stats === undefined || stats.isDirectory()) continue
    throw new SummonerError('render.failed', `"${folder}" is in the way: it is not a folder.`, {
      hint: 'Look at it, and remove it if the application did not need it.',
    })
  }
}
