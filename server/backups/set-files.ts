/** What lies in a backup set, without restoring it: a folder's entries, one file, one folder as an archive. */
import { SummonerError } from '../errors.ts'
import type { BackupDeps } from './deps.ts'
import { readManifest, type SetFolder } from './manifest.ts'
import type { Entry } from './restic-words.ts'
import type { SetEntry } from './set-entry.ts'

type FilesDeps = Pick<BackupDeps, 'sets' | 'repository' | 'streams'>

/** `volumes/uploads/a.png`: first the folder of the set, then what lies in it. Empty: the folders themselves. */
export function partsOf(path: string): string[] {
  const parts = path.split('/').filter((one) => one !== '')
  if (parts.some((one) => one === '.' || one === '..' || one.includes('\0')))
    throw new SummonerError('input.invalid', 'A path goes down only.', { at: { path: '/path' } })
  return parts
}

/** Where a path of the set lies in its snapshot. */
export function placeOf([first = '', ...rest]: readonly string[], folders: readonly SetFolder[]): string {
  const folder = folders.find(({ name }) => name === first)
  if (!folder) throw unknown(first)
  return [folder.path, ...rest].join('/')
}

export async function listFiles(id: string, path: string, deps: FilesDeps): Promise<SetEntry[]> {
  const { folders, snapshot } = openSet(id, deps)
  const parts = partsOf(path)
  if (parts.length === 0) return folders.map(({ name }) => ({ name, type: 'folder' }))
  const place = placeOf(parts, folders)
  const entries = await deps.repository.list(snapshot, place)
  if (entries.length === 0 && (await entryOf(parts, id, deps)).type !== 'folder') throw unknown(path)
  return entries.map(shown).sort(foldersFirst)
}

export interface Download {
  name: string
  /** Absent of a folder, whose archive is made as it is read. */
  bytes?: number
  content: AsyncGenerator<Buffer, void, undefined>
}

export async function openFile(id: string, path: string, deps: FilesDeps): Promise<Download> {
  const { folders, snapshot } = openSet(id, deps)
  const parts = partsOf(path)
  const place = placeOf(parts, folders)
  const { name, type, bytes } = await entryOf(parts, id, deps)
  if (type === 'other') throw new SummonerError('input.invalid', `${path} is neither a file nor a folder.`)
  const folder = type === 'folder'
  return {
    name: folder ? `${name}.zip` : name,
    ...(folder || bytes === undefined ? {} : { bytes }),
    content: deps.repository.dump(snapshot, place, { archive: folder, streams: deps.streams }),
  }
}

async function entryOf(parts: readonly string[], id: string, deps: FilesDeps): Promise<SetEntry> {
  const [name = ''] = parts.slice(-1)
  if (parts.length < 2) return { name, type: 'folder' }
  const { folders, snapshot } = openSet(id, deps)
  const above = await deps.repository.list(snapshot, placeOf(parts.slice(0, -1), folders))
  const found = above.find((entry) => entry.name === name)
  if (!found) throw unknown(parts.join('/'))
  return shown(found)
}

function openSet(id: string, { sets }: FilesDeps): { folders: SetFolder[]; snapshot: string } {
  const { manifest, dataSnapshot } = sets.restorable(id)
  return { folders: readManifest(manifest, id).folders, snapshot: dataSnapshot }
}

const shown = ({ name, type, size, modifiedAt }: Entry): SetEntry => ({
  name,
  type: type === 'dir' ? 'folder' : type === 'file' ? 'file' : 'other',
  ...(type === 'file' ? { bytes: size } : {}),
  modifiedAt,
})

const foldersFirst = (a: SetEntry, b: SetEntry): number =>
  Number(b.type === 'folder') - Number(a.type === 'folder') || (a.name < b.name ? -1 : 1)

const unknown = (path: string): SummonerError =>
  new SummonerError('set.file', `There is no ${path || 'such file'} in this set.`)
