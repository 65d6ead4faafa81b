/** One mount of a service, in either form that compose knows. */
import { splitShort } from '../host-path.ts'
import { recordOf, textOf } from '../plain.ts'

export interface Mount {
  kind: 'bind' | 'volume' | 'tmpfs' | 'other'
  source: string
  target: string
  readOnly: boolean
  /** As written, for people. */
  text: string
}

/** One entry of `volumes:`, short or long. */
export function mountOf(entry: unknown): Mount {
  if (typeof entry === 'string') {
    const [first = '', second, ...rest] = splitShort(entry)
    const modes = rest.join(':').split(',')
    if (second === undefined || (/^(ro|rw|z|Z)(,|$)/.test(second) && rest.length === 0)) {
      return { kind: 'volume', source: '', target: first, readOnly: false, text: entry }
    }
    const name = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(first)
    return {
      kind: name ? 'volume' : 'bind',
      source: first,
      target: second,
      readOnly: modes.includes('ro'),
      text: entry,
    }
  }
  const { type, source, target, read_only: readOnly } = recordOf(entry)
  const written = textOf(source)
  const name = /^[A-Za-z0-9][A-Za-z0-9_.-]*$|^$/.test(written)
  const kind =
    type === 'tmpfs'
      ? 'tmpfs'
      : type === 'bind' || (!name && (type === undefined || type === 'volume'))
        ? 'bind'
        : type === undefined || type === 'volume'
          ? 'volume'
          : 'other'
  return {
    kind,
    source: written,
    target: textOf(target),
    readOnly: readOnly === true || readOnly === 'true',
    text: `${written}:${textOf(target)}`,
  }
}
