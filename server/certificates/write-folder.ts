/** Writes a folder as one thing: it is there with every file on disk, or not at all. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Names of half-written folders begin with this; the store removes them at start. */
export const UNFINISHED = '.unfinished-'

/** Files are 0600 in a folder 0700: keys are read by root only, and so is nginx's master. */
export function writeFolder(folder: string, files: Record<string, string>): void {
  const parent = dirname(folder)
  mkdirSync(parent, { recursive: true, mode: 0o700 })
  const draft = mkdtempSync(join(parent, `${UNFINISHED}${basename(folder).slice(0, 64)}-`))
  try {
    for (const [name, text] of Object.entries(files)) writeDurably(join(draft, name), text)
    syncFolder(draft)
    renameSync(draft, folder)
    syncFolder(parent)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    throw error
  }
}

function writeDurably(file: string, text: string): void {
  const handle = openSync(file, 'wx', 0o600)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
