/** Relative paths inside an import. */
import { posix } from 'node:path'
import type { Draft } from './draft.ts'

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

/** Never part of a template: history, settings with secrets, and what a build brings back. */
export function isPrivate(path: string): boolean {
  return (
    /(^|\/)(\.git|node_modules|__pycache__|\.venv)(\/|$)/.test(path) || /(^|\/)\.env(\.[^/]+)?$/.test(path)
  )
}

/** Names at the top of a template that mean something to Summoner or compose. */
const STEERING = /^(docker-)?compose(\.override)?\.ya?ml$|^minion\.yml$|^instance\.json$|^distro$/

/** Takes a file or folder along, below the same path. Returns false when nothing is there. */
export function take(draft: Draft, path: string): boolean {
  const found = filesBelow(draft.files, path).filter((file) => !isPrivate(file))
  for (const file of found) {
    const text = draft.files[file]
    if (text !== undefined && !STEERING.test(file.split('/')[0] ?? '')) draft.taken[file] = text
  }
  return found.length > 0
}

/** A path that is not one of ours, or climbs, or is not plain text. */
export function pathProblem(path: string): string | undefined {
  if (path === '' || path.length > 512) return 'is empty or too long'
  if (/[\0\\\r\n]/.test(path) || path.startsWith('/')) return 'is not a relative path'
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'leaves the folder'
  return parts.length > 32 ? 'is nested too deeply' : undefined
}
