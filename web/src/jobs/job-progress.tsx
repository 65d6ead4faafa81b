/** A job as it goes: its steps with durations, what the running one says, its log, and how it ended. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Job, StepRecord } from '../../../server/jobs/job.ts'
import { follow } from '../api/follow.ts'
import { part, post } from '../api/client.ts'
import { useAct } from '../api/ask.ts'
import type { Trouble } from '../api/problem.ts'
import { bytes, now, number, span, t } from '../i18n/i18n.ts'
import { stepText } from '../i18n/server-words.ts'
import { Icon } from '../parts/icon.tsx'
import { Skeleton } from '../parts/empty.tsx'
import { LogView } from '../parts/log-view.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { Rich } from '../parts/rich.tsx'
import { Shape, type ShapeName, type Tone } from '../parts/shape.tsx'
import { may } from '../session/session.ts'

interface Line {
  seq: number
  line: string
}

export function useJob(id: string | undefined, onEnd?: (job: Job) => void) {
  const [job, setJob] = useState<Job | undefined>(undefined)
  const [lines, setLines] = useState<readonly Line[]>([])
  const [refused, setRefused] = useState<Trouble | undefined>(undefined)
  const ended = useRef(onEnd)
  ended.current = onEnd
  useEffect(() => {
    setJob(undefined)
    setLines([])
    setRefused(undefined)
    if (id === undefined) return
    const stopped = new AbortController()
    let waiting: Line[] = []
    let frame = 0
    const show = () => {
      frame = 0
      const more = waiting
      waiting = []
      setLines((before) => [...before, ...more].slice(-2_000))
    }
    void follow(`/jobs/${part(id)}/events`, {
      signal: stopped.signal,
      ends: true,
      onRefused: setRefused,
      onMessage({ event, data }) {
        if (event === 'log') {
          waiting.push(JSON.parse(data) as Line)
          frame ||= requestAnimationFrame(show)
        } else if (event === 'job') {
          const next = JSON.parse(data) as Job
          setJob(next)
          if (next.endedAt) ended.current?.(next)
        }
      },
    })
    return () => {
      stopped.abort()
      cancelAnimationFrame(frame)
    }
  }, [id])
  return { job, lines, refused }
}

const MARK: Record<StepRecord['state'], [ShapeName, Tone]> = {
  pending: ['ring', 'none'],
  running: ['turn', 'notice'],
  succeeded: ['full', 'ok'],
  failed: ['square', 'bad'],
  skipped: ['dot', 'none'],
  undone: ['ring', 'warn'],
}

export function JobProgress({ id, onEnd }: { id: string; onEnd?: (job: Job) => void }) {
  const { job, lines, refused } = useJob(id, onEnd)
  const [tick, setTick] = useState(Date.now())
  const running = job !== undefined && job.endedAt === undefined
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => setTick(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [running])
  const cancel = useAct()
  if (refused) return <TroubleNote trouble={refused} />
  if (!job) return <Skeleton lines={5} />
  const shown = shownOf(job)
  return (
    <div class="stack">
      <ol class="steps" aria-label={t('job.steps')}>
        {job.steps.slice(0, shown).map((step) => (
          <Step job={job} step={step} tick={tick} />
        ))}
        {shown < job.steps.length && (
          <li>
            <span class="mark faint">
              <Shape name="dot" />
            </span>
            <span class="faint">{t('job.more', { n: job.steps.length - shown })}</span>
          </li>
        )}
      </ol>
      {job.state === 'queued' && <p class="faint">{t('job.waits')}</p>}
      {job.problem && (
        <Note tone={job.state === 'failed' ? 'bad' : 'warn'} role="alert">
          <strong>{job.problem.title}</strong>
          <span>
            <Rich text={job.problem.detail} />
          </span>
          <span class="small faint">
            <Rich text={job.problem.hint} />
          </span>
        </Note>
      )}
      <details>
        <summary>{t('job.log', { n: lines.length })}</summary>
        <div style={{ marginTop: '8px' }}>
          <LogView
            lines={lines.map(({ seq, line }) => ({ key: seq, line }))}
            following={running}
            label={t('job.log.label')}
          />
        </div>
      </details>
      {running && may('operator') && (
        <div>
          {cancel.trouble && <TroubleNote trouble={cancel.trouble} />}
          <button
            type="button"
            class="button small"
            disabled={cancel.busy}
            onClick={() => void cancel.act(() => post(`/jobs/${part(id)}/cancel`))}
          >
            <Icon name="cross" />
            {t('job.cancel')}
          </button>
        </div>
      )}
    </div>
  )
}

/** Of those that are still to be done only the next. */
const AHEAD = 6

function shownOf({ steps, endedAt }: Job): number {
  const begun = steps.findLastIndex(({ state }) => state !== 'pending') + 1
  const wanted = begun + AHEAD
  // a row that says "one more" saves nothing
  return endedAt !== undefined || wanted + 1 >= steps.length ? steps.length : wanted
}

function Step({ job, step, tick }: { job: Job; step: StepRecord; tick: number }) {
  const [shape, tone] = MARK[step.state]
  const begun = step.startedAt ? Date.parse(step.startedAt) : undefined
  const ended = step.endedAt ? Date.parse(step.endedAt) : Math.max(tick, now.value)
  const { progress } = step
  return (
    <li aria-current={step.state === 'running' ? 'step' : undefined}>
      <span class={`mark tone-${tone}`}>
        <Shape name={shape} class={step.state === 'running' ? 'turning' : ''} />
      </span>
      <span class={step.state === 'pending' || step.state === 'skipped' ? 'faint' : ''}>
        {stepText(job.kind, step.name)}
        <span class="hidden-text">: {t(`step.state.${step.state}`)}</span>
      </span>
      <span class="faint small numbers">
        {begun !== undefined && step.state !== 'pending' ? span(ended - begun) : ''}
      </span>
      {step.state === 'running' && progress && progress.total > 0 && (
        <div
          class="meter"
          role="progressbar"
          aria-label={stepText(job.kind, step.name)}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round((progress.done / progress.total) * 100)}
        >
          <i style={{ width: `${Math.min(100, (progress.done / progress.total) * 100)}%` }} />
        </div>
      )}
      {step.state === 'running' && (step.message ?? progress) && (
        <span class="said cut mono">
          {progress && progress.total > 0
            ? `${amount(progress.done, progress.unit)} / ${amount(progress.total, progress.unit)} `
            : ''}
          {step.message}
        </span>
      )}
    </li>
  )
}

const amount = (value: number, unit: string) =>
  unit === 'bytes' || unit === 'B' ? bytes(value) : `${number(value)} ${unit}`
