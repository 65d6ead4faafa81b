/** Sets that the repository holds and the history does not know: of a box that was recovered, or whose database was lost. */
import type { BackupDeps } from '../deps.ts'
import { readManifest } from '../manifest.ts'
import { BOX, readBoxManifest } from './box-manifest.ts'

/** Ids of the sets that are listed from now on. */
export async function adoptSets({
  repository,
  sets,
}: Pick<BackupDeps, 'repository' | 'sets'>): Promise<string[]> {
  const snapshots = await repository.snapshots()
  const adopted: string[] = []
  for (const document of snapshots) {
    const { set = '', minion = '', part } = document.tags
    if (part !== 'manifest' || sets.isGood(set)) continue
    const data = snapshots.find(({ tags }) => tags['set'] === set && tags['part'] === 'data')
    if (!data) continue
    const text = await repository.read(document.id, `${set}.json`)
    const {
      at,
      count,
      stopped = false,
    } = minion === BOX ? { ...readBoxManifest(text, set), stopped: false } : readManifest(text, set)
    sets.adopt({
      id: set,
      minion,
      at,
      stopped,
      files: count.files,
      bytes: count.bytes,
      dataSnapshot: data.id,
      manifestSnapshot: document.id,
      manifest: text,
    })
    adopted.push(set)
  }
  return adopted
}
