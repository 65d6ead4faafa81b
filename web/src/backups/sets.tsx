/** The backup sets of one minion: what each is worth, why it is kept, and what can be done with it. */
import { useState } from 'preact/hooks'
import type { BackupSet } from '../../../server/backups/set.ts'
import type { Job } from '../../../server/jobs/job.ts'
import { useAct } from '../api/ask.ts'
import { part, post } from '../api/client.ts'
import { bytes, number, span, t } from '../i18n/i18n.ts'
import { said } from '../i18n/server-words.ts'
import { Empty } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Menu, type MenuItem } from '../parts/menu.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { Badge, type ShapeName, type Tone } from '../parts/shape.tsx'
import { When } from '../parts/time.tsx'
import { may } from '../session/session.ts'
import { keptKey } from './kept.ts'
import { Restore } from './restore.tsx'
import { BOX, momentOf, type Saved } from './saved.ts'

const MARK: Record<BackupSet['state'], [ShapeName, Tone]> = {
  running: ['half', 'notice'],
  good: ['full', 'ok'],
  failed: ['square', 'bad'],
  removed: ['ring', 'none'],
}
const SHOWN = 10

export function keptText(kept: Saved['kept'], set: BackupSet): string {
  const verdict = kept.get(set.id)
  if (!verdict) return t(`sets.reason.${set.reason}`)
  const reasons = verdict.reasons.map((reason) => {
    const found = keptKey(reason)
    return found ? t(found.key, found.values) : reason
  })
  return t(verdict.keep ? 'kept' : 'kept.not', { why: reasons.join(', ') })
}

interface SetsProps extends Pick<Saved, 'sets' | 'kept'> {
  name: string
  onJob(id: string): void
}

export function Sets({ name, sets, kept, onJob }: SetsProps) {
  const [all, setAll] = useState(false)
  const [restoring, setRestoring] = useState<BackupSet | undefined>(undefined)
  const { busy, trouble, act } = useAct()
  const prove = (set: BackupSet) =>
    act(async () => onJob((await post<{ job: Job }>(`/backups/${part(set.id)}/prove`)).job.id))
  if (sets.length === 0)
    return (
      <Empty icon="archive" title={t('sets.never')}>
        {t('sets.never.what', { name })}
      </Empty>
    )
  return (
    <>
      {trouble && <TroubleNote trouble={trouble} />}
      <ul class="list sets" aria-label={t('sets.of', { name })}>
        {(all ? sets : sets.slice(0, SHOWN)).map((set) => (
          <One
            key={set.id}
            set={set}
            why={keptText(kept, set)}
            busy={busy}
            onRestore={() => setRestoring(set)}
            onProve={() => void prove(set)}
          />
        ))}
      </ul>
      {sets.length > SHOWN && !all && (
        <div>
          <button type="button" class="button small quiet" onClick={() => setAll(true)}>
            {t('sets.all', { n: sets.length })}
          </button>
        </div>
      )}
      {restoring && (
        <Restore
          set={restoring}
          onClose={() => setRestoring(undefined)}
          onBegun={(id) => {
            setRestoring(undefined)
            onJob(id)
          }}
        />
      )}
    </>
  )
}

interface OneProps {
  set: BackupSet
  why: string
  busy: boolean
  onRestore(): void
  onProve(): void
}
function One({ set, why, busy, onRestore, onProve }: OneProps) {
  const [shape, tone] = MARK[set.state]
  const { proof } = set
  const files = `/backups/${part(set.minion)}/${part(set.id)}`
  const items: MenuItem[] = [
    { label: t('sets.prove'), icon: 'check', run: onProve },
    { label: t('files'), icon: 'files', to: files },
  ]
  return (
    <li>
      <div class="grow stack tight">
        <div class="row">
          <span class="strong">
            <When at={momentOf(set)} />
          </span>
          <Badge shape={shape} tone={tone} word={t(`set.${set.state}`)} />
          {proof && (
            <Badge
              shape={proof.passed ? 'full' : 'square'}
              tone={proof.passed ? 'ok' : 'bad'}
              word={
                proof.passed && proof.rtoMs !== undefined
                  ? t('sets.proven.in', { span: span(proof.rtoMs) })
                  : proof.passed
                    ? t('sets.proven')
                    : t('sets.unproven')
              }
            />
          )}
        </div>
        <p class="small faint numbers">{factsOf(set).join(' · ')}</p>
        {set.state === 'good' && <p class="small faint">{why}</p>}
        {set.problem && <p class="small tone-bad">{said(set.problem)}</p>}
        {proof && (
          <details class="by-hand">
            <summary>
              {t('proof.checks', { n: proof.checks.length })} · <When at={proof.at} />
            </summary>
            <ul class="stack tight">
              {proof.problem && <li class="small tone-bad">{said(proof.problem)}</li>}
              {proof.checks.map(({ what, passed, said: words }) => (
                <li class="small">
                  <Badge
                    shape={passed ? 'full' : 'square'}
                    tone={passed ? 'ok' : 'bad'}
                    word={passed ? t('proof.passed') : t('proof.failed')}
                  />{' '}
                  <span class="mono">{what}</span> <span class="faint">{words}</span>
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
      {set.state === 'good' && set.minion !== BOX && may('operator') && (
        <div class="row nowrap">
          <button type="button" class="button small" disabled={busy} onClick={onRestore}>
            {t('dumps.restore')}
          </button>
          <Menu label={t('dumps.menu', { file: set.id })} items={items}>
            <Icon name="more" />
          </Menu>
        </div>
      )}
    </li>
  )
}

const factsOf = (set: BackupSet): string[] =>
  [
    t(`sets.reason.${set.reason}`),
    set.bytes === undefined ? '' : bytes(set.bytes),
    set.added === undefined ? '' : t('sets.added', { size: bytes(set.added) }),
    set.files === undefined ? '' : t('sets.files', { n: set.files, count: number(set.files) }),
    set.stopped && set.downtimeMs !== undefined ? t('sets.down', { span: span(set.downtimeMs) }) : '',
  ].filter(Boolean)
