/** Host folders of a minion, made before its containers start: owner and mode are set once, at the making. */
import { chmod, chown, lstat, mkdir } from 'node:fs/promises'
import { SummonerError } from '../errors.ts'
import type { Rendered } from '../templates/rendered.ts'

export async function createFolders(folders: Rendered['folders']): Promise<void> {
  for (const { path, owner, mode } of folders) {
    const there = await lstat(path).catch(() => undefined)
    if (there?.isDirectory()) continue
    if (there)
      throw new SummonerError('render.failed', `${path} is in the way: it is not a folder.`, { at: { path } })
    await mkdir(path, { recursive: true, mode: 0o755 })
    const [uid, gid] = (owner ?? '').split(':').map(Number)
    if (uid !== undefined && gid !== undefined && owner) await chown(path, uid, gid)
    if (mode) await chmod(path, Number.parseInt(mode, 8))
  }
}
