/** Requests and their times, counted from what nginx has written since the last look. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface Visits {
  requests: number
  /** Answers from 500 on. */
  errors: number
  /** Of all requests together. */
  seconds: number
}

interface Position {
  inode: number
  offset: number
}

const SUFFIX = '.access.log'
const CHUNK = 256 * 1024
/** In one look: a flood is counted over several. */
const MOST_CHUNKS = 64
/** nginx writes these keys in this order, and escapes quotes in whatever visitors sent. */
const LINE = /"status":(\d{3}),[^\n]*?"seconds":(\d+(?:\.\d+)?)/g

export function createAccessLogs(dir: () => string) {
  const positions = new Map<string, Position>()
  const buffer = Buffer.allocUnsafe(CHUNK)
  let before: string | undefined

  /** Counts the whole lines behind `offset`; returns where the last of them ends. */
  function count(file: string, offset: number, visits: Visits): number {
    const descriptor = openSync(file, 'r')
    let at = offset
    try {
      for (let chunk = 0; chunk < MOST_CHUNKS; chunk++) {
        const length = readSync(descriptor, buffer, 0, CHUNK, at)
        const end = buffer.subarray(0, length).lastIndexOf(10) + 1
        // a line longer than all that is not one of ours
        if (end === 0) return length === CHUNK ? at + length : at
        for (const [, status, seconds] of buffer.toString('latin1', 0, end).matchAll(LINE)) {
          visits.requests++
          if (Number(status) >= 500) visits.errors++
          visits.seconds += Number(seconds)
        }
        at += end
        if (length < CHUNK) break
      }
      return at
    } finally {
      closeSync(descriptor)
    }
  }

  return {
    /** By file stem of the host. The first look only notes where the files end. */
    look(): Map<string, Visits> {
      const folder = dir()
      const first = before !== folder
      if (first) positions.clear()
      before = folder
      const found = new Map<string, Visits>()
      for (const name of namesIn(folder)) {
        const file = join(folder, name)
        const now = statSync(file, { throwIfNoEntry: false })
        if (!now) continue
        const visits: Visits = { requests: 0, errors: 0, seconds: 0 }
        let position = positions.get(name) ?? { inode: now.ino, offset: first ? now.size : 0 }
        if (position.inode !== now.ino) {
          const old = statSync(`${file}.1`, { throwIfNoEntry: false })
          if (old?.ino === position.inode) count(`${file}.1`, position.offset, visits)
          position = { inode: now.ino, offset: 0 }
        }
        // emptied in place
        if (now.size < position.offset) position.offset = 0
        if (now.size > position.offset) position.offset = count(file, position.offset, visits)
        positions.set(name, position)
        found.set(name.slice(0, -SUFFIX.length), visits)
      }
      for (const name of positions.keys())
        if (!found.has(name.slice(0, -SUFFIX.length))) positions.delete(name)
      return found
    },
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(SUFFIX))
  } catch {
    return []
  }
}
