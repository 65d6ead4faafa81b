/**
 * Restored folders take the place of those of the minion by renames only: the old data or the new, never a mix. The plan
 * lies on disk from before the first rename until the end; every step forward or back may be cut short and done again.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncFolder, writeFileAtomic } from '../config/write-file.ts'
import type { Rest } from './halt.ts'

export interface Exchange {
  /** Where the minion looks. */
  current: string
  /** What was restored, on the same disk; absent: the set has no such folder. */
  staging?: string
  /** Where the data before goes. */
  old: string
  /** Whether there was any. */
  had: boolean
}

export interface Swap {
  minion: string
  set: string
  job: string
  exchanges: Exchange[]
  /** Folders that are only scaffolding. */
  scaffold: string[]
  /** What ran before. */
  rest: Rest
  /** `accepted`: the new data stays, whatever happens; what was before may be gone already. */
  state: 'swapping' | 'swapped' | 'accepted'
}

const fileOf = (stateDir: string, minion: string) => join(stateDir, 'restores', `${minion}.json`)

export function readSwap(stateDir: string, minion: string): Swap | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(stateDir, minion), 'utf8')) as Swap
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export function writeSwap(stateDir: string, swap: Swap): void {
  const file = fileOf(stateDir, swap.minion)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileAtomic(file, `${JSON.stringify(swap, null, 2)}\n`, { mode: 0o600 })
}

/** From any point of the way to the new data. */
export function swapForward(stateDir: string, swap: Swap): Swap {
  for (const { current, staging, old, had } of swap.exchanges) {
    if (had && !existsSync(old) && existsSync(current)) move(current, old)
    if (staging !== undefined && existsSync(staging)) move(staging, current)
  }
  const swapped: Swap = { ...swap, state: 'swapped' }
  writeSwap(stateDir, swapped)
  return swapped
}

/** From any point of the way back to the old data. */
export function swapBack(stateDir: string, swap: Swap): void {
  writeSwap(stateDir, { ...swap, state: 'swapping' })
  for (const { current, staging, old, had } of swap.exchanges) {
    const swapped = had ? existsSync(old) : staging !== undefined && !existsSync(staging)
    if (!swapped) continue
    // the new data goes where it came from: a second try finds it there
    if (staging !== undefined && existsSync(current) && !existsSync(staging)) move(current, staging)
    if (had) move(old, current)
  }
}

/** The new data works: what was before goes. The plan stays, so that the same job knows it when it begins again. */
export function acceptSwap(stateDir: string, swap: Swap): void {
  writeSwap(stateDir, { ...swap, state: 'accepted' })
  for (const { old } of swap.exchanges) rmSync(old, { recursive: true, force: true })
  for (const folder of swap.scaffold) rmSync(folder, { recursive: true, force: true })
}

/** After {@link acceptSwap} or {@link swapBack}: nothing of the change stays but the data that won. */
export function endSwap(stateDir: string, swap: Swap): void {
  for (const folder of swap.scaffold) rmSync(folder, { recursive: true, force: true })
  rmSync(fileOf(stateDir, swap.minion), { force: true })
}

function move(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  renameSync(from, to)
  syncFolder(dirname(to))
  if (dirname(from) !== dirname(to)) syncFolder(dirname(from))
}
