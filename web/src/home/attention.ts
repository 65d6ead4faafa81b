/** What needs somebody, the gravest first; pure. Words and buttons are made from it by the page. */
import type { Minion } from '../../../server/minions/minion.ts'

export type Need =
  | { kind: 'failed' | 'degraded'; tone: 'bad' | 'warn'; minion: Minion }
  /** Stopped, although config.yml says that it runs: by a hand on the server, or for want of memory. */
  | { kind: 'halted'; tone: 'warn'; minion: Minion }
  | { kind: 'drift'; tone: 'warn'; minion: Minion }
  | { kind: 'pending'; tone: 'notice'; minions: Minion[] }
  | { kind: 'unsaved'; tone: 'warn'; name: string; problem: string }
  | { kind: 'certificate'; tone: 'bad' | 'warn'; host: string; days: number; error?: string }
  | { kind: 'disk'; tone: 'bad' | 'warn'; used: number; daysLeft?: number }
  | { kind: 'memory'; tone: 'warn'; used: number }

export interface CertificateFacts {
  name: string
  notBefore: string
  notAfter: string
  acme?: { lastError?: string }
}
export interface HostFacts {
  /** Of 1. */
  memoryUsed?: number
  diskUsed?: number
  /** When the disk is full if it goes on like this. */
  diskDaysLeft?: number
}

interface Facts {
  minions: readonly Minion[]
  certificates?: readonly CertificateFacts[] | undefined
  host?: HostFacts | undefined
  /** Whose newest backup failed. */
  unsaved?: readonly { minion: string; problem: string }[]
  now: number
}

/** Shares of its life, as the daemon's own events: what has so little left was not renewed, however short it lives. */
const [SOON, LAST] = [0.2, 0.1]
const DAY_MS = 86_400_000
const RANK = { bad: 0, warn: 1, notice: 2 }

export function needs({ minions, certificates = [], host, unsaved = [], now }: Facts): Need[] {
  const found: Need[] = []
  for (const minion of minions) {
    if (minion.status === 'failed') found.push({ kind: 'failed', tone: 'bad', minion })
    else if (minion.status === 'degraded') found.push({ kind: 'degraded', tone: 'warn', minion })
    else if (minion.status === 'stopped' && minion.desired === 'running' && minion.job === undefined)
      found.push({ kind: 'halted', tone: 'warn', minion })
    if (minion.drift.length > 0) found.push({ kind: 'drift', tone: 'warn', minion })
  }
  const waiting = minions.filter(
    ({ pending, job, status }) => pending && job === undefined && status !== 'failed',
  )
  if (waiting.length > 0) found.push({ kind: 'pending', tone: 'notice', minions: waiting })
  for (const { minion, problem } of unsaved)
    found.push({ kind: 'unsaved', tone: 'warn', name: minion, problem })
  for (const { name, notBefore, notAfter, acme } of certificates) {
    const left = Date.parse(notAfter) - now
    const share = left / (Date.parse(notAfter) - Date.parse(notBefore))
    if (share >= SOON) continue
    const error = acme?.lastError
    found.push({
      kind: 'certificate',
      tone: share < LAST ? 'bad' : 'warn',
      host: name,
      days: Math.floor(left / DAY_MS),
      ...(error ? { error } : {}),
    })
  }
  const { diskUsed = 0, diskDaysLeft, memoryUsed = 0 } = host ?? {}
  const soonFull = diskDaysLeft !== undefined && diskDaysLeft < 14
  if (diskUsed > 0.9 || soonFull)
    found.push({
      kind: 'disk',
      tone: diskUsed > 0.95 ? 'bad' : 'warn',
      used: diskUsed,
      ...(soonFull ? { daysLeft: diskDaysLeft } : {}),
    })
  if (memoryUsed > 0.95) found.push({ kind: 'memory', tone: 'warn', used: memoryUsed })
  return found.sort((a, b) => RANK[a.tone] - RANK[b.tone])
}
