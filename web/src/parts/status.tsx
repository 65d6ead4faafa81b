import type { JobState } from '../../../server/jobs/job.ts'
import type { MinionStatus } from '../../../server/minions/minion.ts'
import { t } from '../i18n/i18n.ts'
import { Badge, type ShapeName, type Tone } from './shape.tsx'

const MINION: Record<MinionStatus, [ShapeName, Tone]> = {
  running: ['full', 'ok'],
  starting: ['half', 'notice'],
  degraded: ['triangle', 'warn'],
  failed: ['square', 'bad'],
  stopped: ['ring', 'none'],
  updating: ['turn', 'notice'],
  absent: ['ring', 'none'],
}
export function StatusBadge({ status }: { status: MinionStatus }) {
  const [shape, tone] = MINION[status]
  return <Badge shape={shape} tone={tone} word={t(`status.${status}`)} />
}

const JOB: Record<JobState, [ShapeName, Tone]> = {
  queued: ['ring', 'none'],
  running: ['half', 'notice'],
  succeeded: ['full', 'ok'],
  failed: ['square', 'bad'],
  cancelled: ['ring', 'none'],
  interrupted: ['triangle', 'warn'],
}
export function JobBadge({ state }: { state: JobState }) {
  const [shape, tone] = JOB[state]
  return <Badge shape={shape} tone={tone} word={t(`job.${state}`)} />
}

const CHECK = {
  ok: ['full', 'ok'],
  warn: ['triangle', 'warn'],
  fail: ['square', 'bad'],
  skip: ['ring', 'none'],
} as const
export function CheckBadge({ state }: { state: keyof typeof CHECK }) {
  const [shape, tone] = CHECK[state]
  return <Badge shape={shape} tone={tone} word={t(`check.${state}`)} />
}
