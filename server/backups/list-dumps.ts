/** The dumps that lie in `data/dumps`: the files are the only record of them. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { asSummonerError, SummonerError } from '../errors.ts'
import { readLabel } from './dump-file.ts'
import { FILE_NAME, type DumpRecord } from './dump.ts'

export interface DumpList {
  dumps: DumpRecord[]
  damaged: { minion: string; file: string; why: string }[]
}

/** Newest first. */
export async function listDumps(dumpsDir: string, minion?: string): Promise<DumpList> {
  const list: DumpList = { dumps: [], damaged: [] }
  for (const name of minion === undefined ? await entries(dumpsDir) : [minion])
    for (const file of await entries(join(dumpsDir, name))) {
      if (!new RegExp(FILE_NAME).test(file)) continue
      try {
        list.dumps.push(await readLabel(join(dumpsDir, name, file)))
      } catch (error) {
        const { code, message } = asSummonerError(error)
        if (code === 'internal' && (error as NodeJS.ErrnoException).code === 'ENOENT') continue
        list.damaged.push({ minion: name, file, why: message })
      }
    }
  list.dumps.sort((a, b) => b.at.localeCompare(a.at) || a.file.localeCompare(b.file))
  return list
}

export async function dumpPath(dumpsDir: string, minion: string, file: string): Promise<string> {
  const path = join(dumpsDir, minion, file)
  const known = new RegExp(FILE_NAME).test(file) && (await stat(path).catch(() => undefined))?.isFile()
  if (!known) throw new SummonerError('dump.unknown', `${minion} has no dump called ${file.slice(0, 200)}.`)
  return path
}

/** Half-written files of a daemon that was killed; at boot nobody else writes here. */
export async function sweepDumps(dumpsDir: string): Promise<void> {
  for (const minion of await entries(dumpsDir))
    for (const file of await entries(join(dumpsDir, minion)))
      if (file.endsWith('.tmp')) await rm(join(dumpsDir, minion, file), { force: true })
}

async function entries(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}
