/** What an instance folder says: the facts decided at the first summon, and the kept `.env`. */
import { readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { readDotenv } from './dotenv.ts'
import { listOf, recordOf, textOf } from './plain.ts'
import type { Instance } from './rendered.ts'

export const INSTANCE_FILE = 'instance.json'

/** Undefined for a minion that was never summoned, and for a file that nobody can read any more. */
export function readInstance(dir: string): Instance | undefined {
  const { template, revision, images, subnets, createdAt } = recordOf(readJson(dir))
  if (typeof template !== 'string' || typeof revision !== 'number') return undefined
  if (images !== 'registry' && images !== 'distro') return undefined
  const networks = Object.entries(recordOf(subnets)).map(([key, cidr]) => [key, textOf(cidr)])
  return {
    template,
    revision,
    images,
    subnets: Object.fromEntries(networks) as Instance['subnets'],
    createdAt: textOf(createdAt),
  }
}

/** Empty before the first summon. */
export function readKept(dir: string): Record<string, string> {
  const text = readText(join(dir, '.env'))
  return text === undefined ? {} : readDotenv(text)
}

/** Files of the folder that we wrote; whatever else lies there is not ours to remove. */
export function listedFiles(dir: string): string[] {
  const files = listOf(recordOf(readJson(dir))['files']).map(textOf)
  return files.filter(
    (path) => path !== '' && !path.startsWith('/') && normalize(path) === path && !path.startsWith('..'),
  )
}

function readJson(dir: string): unknown {
  const text = readText(join(dir, INSTANCE_FILE))
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
