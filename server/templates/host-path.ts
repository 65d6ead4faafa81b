/** Which host path a mount names, and whether it stays in the folders that belong to the minion. */
import { posix } from 'node:path'
import { textOf } from './plain.ts'

/** A minion's own data: `${VOLUME_STORAGE_ROOT}/${MINION}` and `${DATABASE_STORAGE_ROOT}/${MINION}`, and below. */
const OWN =
  /^\$(?:\{(VOLUME|DATABASE)_STORAGE_ROOT(?::?\?[^}]*)?\}|(VOLUME|DATABASE)_STORAGE_ROOT)\/\$(?:\{MINION\}|MINION)(?=\/|$)/

/** The host side of one entry of `volumes:`; undefined for named, anonymous and in-memory volumes. */
export function bindSource(volume: unknown): { source: string; readOnly: boolean } | undefined {
  if (typeof volume === 'string') {
    const [source = '', target, mode = ''] = splitShort(volume)
    // A lone `${X}` may itself become `source:target`: variables are filled in first.
    if (target === undefined && !source.startsWith('$')) return undefined
    if (!/^[./~$\\]|^[A-Za-z]:\\/.test(source)) return undefined
    return { source, readOnly: mode.split(',').includes('ro') }
  }
  if (volume === null || typeof volume !== 'object') return undefined
  const { type, source, read_only: readOnly } = volume as Record<string, unknown>
  if (typeof source !== 'string' && type !== 'bind') return undefined
  const named = type === 'volume' || type === 'tmpfs' || type === 'image'
  if (named && !/^[./~$\\]/.test(textOf(source))) return undefined
  return { source: textOf(source), readOnly: readOnly === true || readOnly === 'true' }
}

/** The grant that this path needs; undefined when it is the minion's own data or lies inside its folder. */
export function pathPower(source: string, readOnly: boolean): string | undefined {
  const own = OWN.exec(source)
  if (own && isPlain(source.slice(own[0].length))) return undefined
  if (/^\.(\/|$)/.test(source) && !escapes(source) && (readOnly || !steersCompose(source))) return undefined
  const suffix = readOnly ? ':ro' : ''
  const clean = source.startsWith('/') ? posix.normalize(source).replace(/(.)\/$/, '$1') : source
  if (/^(\/var)?\/run\/docker\.sock$/.test(clean)) return `docker.sock${suffix}`
  return `path:${clean}${suffix}`
}

/** Who may write these files chooses what the daemon starts next. */
function steersCompose(source: string): boolean {
  const inside = posix.normalize(source).replace(/\/$/, '')
  return ['.', '.env', 'compose.yml', 'compose.override.yml', 'minion.yml', 'instance.json'].includes(inside)
}

/** Does a path of the compose file lead out of its folder, or may a variable lead it out? */
export function escapes(path: string): boolean {
  if (/^([a-z+]+:\/\/|git@|docker-image:|service:|target:)/i.test(path)) return false
  if (/^[/~\\]|^[A-Za-z]:\\/.test(path) || path.includes('\\')) return true
  const literal = path.replaceAll(/\$\{MINION\}|\$MINION\b/g, 'minion')
  if (literal.includes('$')) return true
  return posix.normalize(literal).split('/')[0] === '..'
}

/** Splits `source:target:mode` at colons that are not inside `${…}`. */
export function splitShort(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (const [index, character] of text.split('').entries()) {
    if (character === '{' && text[index - 1] === '$') depth += 1
    else if (character === '}' && depth > 0) depth -= 1
    if (character === ':' && depth === 0 && !(index === 1 && /^[A-Za-z]:\\/.test(text))) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts
}

function isPlain(rest: string): boolean {
  return !rest.replaceAll(/\$\{MINION\}|\$MINION\b/g, '').includes('$') && !rest.split('/').includes('..')
}
