/** A host as a file name: a file system holds 255 bytes, a host 253, and a suffix follows. */
import { createHash } from 'node:crypto'

export const digest = (text: string | Uint8Array): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 12)

/** A star would make nginx's `include` look for other files; no host name has an underscore. */
export const fileStem = (host: string): string => {
  const name = host.replace('*', '_')
  return name.length <= 200 ? name : `${name.slice(0, 180)}.${digest(name)}`
}
