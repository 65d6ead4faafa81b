/** Atomic files: whoever reads sees the old bytes or the new ones, whenever the power fails. */
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

export interface FileOwner {
  mode: number
  uid?: number
  gid?: number
}

/** `.tmp` beside the file, fsync, rename, fsync of the folder. A failure leaves the file as it was and no rest. */
export function writeFileAtomic(path: string, bytes: string | Uint8Array, owner: FileOwner): void {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    const file = openSync(temporary, 'wx', 0o600)
    try {
      const data = Buffer.from(bytes)
      for (let done = 0; done < data.length;) done += writeSync(file, data, done)
      if (owner.uid !== undefined && owner.gid !== undefined) fchownSync(file, owner.uid, owner.gid)
      fchmodSync(file, owner.mode)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    try {
      unlinkSync(temporary)
    } catch {
      // It was never made.
    }
    throw error
  }
  syncFolder(dirname(path))
}

/** Makes a rename or removal in the folder survive a power cut. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
