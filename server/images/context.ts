/** The build context of a distribution build: a folder, packed so that the same bytes always give the same layers. */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { SummonerError } from '../errors.ts'

export interface ContextFile {
  /** Relative, with forward slashes. */
  path: string
  mode: 0o644 | 0o755
  data: Buffer
}

/** Every file below `dir` in a fixed order; a context is text for a Dockerfile, so links and devices have no place in it. */
export function readContext(dir: string): ContextFile[] {
  const files: ContextFile[] = []
  const walk = (folder: string, prefix: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = `${prefix}${entry.name}`
      const full = join(folder, entry.name)
      if (entry.isDirectory()) walk(full, `${path}/`)
      else if (entry.isFile())
        files.push({ path, mode: statSync(full).mode & 0o111 ? 0o755 : 0o644, data: readFileSync(full) })
      else
        throw new SummonerError(
          'template.invalid',
          `The build context holds ${path}, which is not a plain file.`,
          {
            at: { path: full },
          },
        )
    }
  }
  try {
    walk(dir, '')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  if (!files.some((file) => file.path === 'Dockerfile'))
    throw new SummonerError('template.invalid', 'The folder of a distribution build has no Dockerfile.', {
      at: { path: dir },
    })
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** 12 hex digits over names, modes and contents: the end of a distribution build's tag. */
export function hashContext(dir: string): string {
  const hash = createHash('sha256')
  for (const file of readContext(dir))
    hash.update(`${file.path}\0${file.mode}\0${file.data.length}\0`).update(file.data)
  return hash.digest('hex').slice(0, 12)
}

/** A tar without times or owners of this host. */
export async function packContext(files: readonly ContextFile[]): Promise<Readable> {
  const { TarArchive } = await import('archiver')
  const archive = new TarArchive()
  for (const { path, mode, data } of files)
    archive.append(data, { name: path, mode, date: new Date(1_000_000_000_000) })
  void archive.finalize()
  return archive
}

/** The suites of our own base that the Dockerfile starts from. */
export function basesOf(files: readonly ContextFile[]): string[] {
  const dockerfile = files.find((file) => file.path === 'Dockerfile')?.data.toString('utf8') ?? ''
  const suites = [...dockerfile.matchAll(/^FROM\s+summoner\/base:([a-z]+)/gim)].map((match) => match[1] ?? '')
  return [...new Set(suites)]
}
