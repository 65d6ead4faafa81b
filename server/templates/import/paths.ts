/** Relative paths inside an import. */
import { posix } from 'node:path'
import type { Draft } from './draft.ts'
import type { Refusal } from './report.ts'

const MAX_FILES = 2000

/** Path from the root of the import; undefined when it leads out of it. */
export function inside(base: string, path: string): string | undefined {
  if (path.startsWith('/') || path.startsWith('~') || path.includes('\\') || path.includes('\0'))
    return undefined
  const joined = posix.normalize(posix.join(base === '' ? '.' : base, path)).replace(/\/$/, '')
  return joined === '..' || joined.startsWith('../') ? undefined : joined === '' ? '.' : joined
}

/** Files at or below `folder`. */
export function filesBelow(files: Record<string, string>, folder: string): string[] {
  const prefix = folder === '.' ? '' : `${folder}/`
  return Object.keys(files).filter((path) => path === folder || path.startsWith(prefix))
}

/** Never part of a template: history, settings with secrets, what a build brings back, other compose files. */
export function isPrivate(path: string): boolean {
  return (
    /(^|\/)(\.git|node_modules|__pycache__|\.venv)(\/|$)/.test(path) ||
    /(^|\/)(\.env(\.[^/]+)?|(docker-)?compose[^/]*\.ya?ml)$/.test(path)
  )
}

/**
 * Takes a file or folder along: what is built lies below `source/`, what is mounted below `files/`, so that neither
 * meets the settings of a minion, which lie at the top. Returns false when nothing is there.
 */
export function take(draft: Draft, path: string, under: 'source' | 'files'): boolean {
  const found = filesBelow(draft.files, path).filter((file) => !isPrivate(file))
  for (const file of found) draft.taken[`${under}/${file}`] = file
  return found.length > 0
}

/** A path that is not one of ours, or climbs, or is not plain text. */
function pathProblem(path: string): string | undefined {
  if (path === '' || path.length > 512) return 'is empty or too long'
  if (/[\0\\\r\n]/.test(path) || path.startsWith('/')) return 'is not a relative path'
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'leaves the folder'
  return parts.length > 32 ? 'is nested too deeply' : undefined
}

/** Every path that does not belong into one folder. */
export function refusedPaths(files: Record<string, string>): Refusal[] {
  const paths = Object.keys(files)
  const refuse = (path: string, what: string, advice: string) => ({
    what,
    why: 'An import is one folder of files.',
    advice,
    path: path.slice(0, 120),
    line: 1,
    column: 1,
  })
  if (paths.length > MAX_FILES)
    return [refuse('.', `There are more than ${MAX_FILES} files`, 'Leave out what the build does not need.')]
  return paths.flatMap((path) => {
    const problem = pathProblem(path)
    return problem === undefined
      ? []
      : [
          refuse(
            path,
            `The path ${JSON.stringify(path.slice(0, 120))} ${problem}`,
            'Name it relative to the folder.',
          ),
        ]
  })
}
