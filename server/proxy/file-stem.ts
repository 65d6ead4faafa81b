/** A host as a file name: a file system holds 255 bytes, a host 253, and a suffix follows. */
import { createHash } from 'node:crypto'

export const digest = (text: string | Uint8Array): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 12)

export const fileStem = (host: string): string =>
  host.length <= 200 ? host : `${host.slice(0, 180)}.${digest(host)}`
