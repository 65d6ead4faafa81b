/** The backup sets of one minion: making one, putting one back, making a clone from one. */
import { useState } from 'preact/hooks'
import type { BackupSet } from '../../../server/backups/set.ts'
import type { Job } from '../../../server/jobs/job.ts'
import { useAct } from '../api/ask.ts'
import { part, post } from '../api/client.ts'
import { minions } from '../api/live.ts'
import { bytes, span, t } from '../i18n/i18n.ts'
import { wrongName } from '../catalogue/inputs.ts'
import { ByHand } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { CheckField, TextField } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { Badge, type ShapeName, type Tone } from '../parts/shape.tsx'
import { When } from '../parts/time.tsx'
import { may } from '../session/session.ts'

const MARK: Record<BackupSet['state'], [ShapeName, Tone]> = {
  running: ['half', 'notice'],
  good: ['full', 'ok'],
  failed: ['square', 'bad'],
  removed: ['ring', 'none'],
}
const SHOWN = 5

interface SetsProps {
  name: string
  sets: readonly BackupSet[]
  onJob(id: string): void
}

export function Sets({ name, sets, onJob }: SetsProps) {
  const [all, setAll] = useState(false)
  const [restoring, setRestoring] = useState<BackupSet | undefined>(undefined)
  const kept = sets.filter(({ state }) => state !== 'removed')
  const shown = all ? kept : kept.slice(0, SHOWN)
  if (kept.length === 0) return null
  return (
    <>
      <div class="scroll" tabIndex={0} role="group" aria-label={t('sets.of', { name })}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('sets.set')}</th>
              <th scope="col">{t('container.state')}</th>
              <th scope="col">{t('dumps.size')}</th>
              <th scope="col">{t('sets.down')}</th>
              <th scope="col">
                <span class="hidden-text">{t('actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((set) => {
              const [shape, tone] = MARK[set.state]
              return (
                <tr key={set.id}>
                  <td>
                    <When at={set.at ?? set.startedAt} />
                    <div class="small faint">{t(`sets.reason.${set.reason}`)}</div>
                  </td>
                  <td>
                    <Badge shape={shape} tone={tone} word={t(`set.${set.state}`)} />
                    {set.proof && (
                      <div class={`small ${set.proof.passed ? 'tone-ok' : 'tone-bad'}`}>
                        {set.proof.passed ? t('sets.proven') : t('sets.unproven')} <When at={set.proof.at} />
                      </div>
                    )}
                    {set.problem && <div class="small faint">{set.problem}</div>}
                  </td>
                  <td class="numbers">
                    {set.bytes === undefined ? '' : bytes(set.bytes)}
                    {set.added !== undefined && (
                      <div class="small faint">{t('sets.added', { size: bytes(set.added) })}</div>
                    )}
                  </td>
                  <td class="numbers small">
                    {set.stopped && set.downtimeMs !== undefined ? span(set.downtimeMs) : ''}
                  </td>
                  <td>
                    {set.state === 'good' && may('operator') && (
                      <button type="button" class="button small" onClick={() => setRestoring(set)}>
                        {t('dumps.restore')}
                      </button>
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {kept.length > SHOWN && !all && (
        <div>
          <button type="button" class="button small quiet" onClick={() => setAll(true)}>
            {t('sets.all', { n: kept.length })}
          </button>
        </div>
      )}
      {restoring && (
        <RestoreSet
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

/** In the place of the minion, or beside it under another name. */
function RestoreSet({
  set,
  onClose,
  onBegun,
}: {
  set: BackupSet
  onClose(): void
  onBegun(id: string): void
}) {
  const [clone, setClone] = useState(false)
  const [name, setName] = useState('')
  const [typed, setTyped] = useState('')
  const { busy, trouble, act } = useAct()
  const bad =
    clone && name !== '' ? wrongName(name, new Set(minions.value?.map((one) => one.name))) : undefined
  const ready = clone ? name !== '' && bad === undefined : typed === set.minion
  const restore = async () => {
    const answer = await act(() =>
      post<{ job: Job }>(`/backups/${part(set.id)}/restore`, clone ? { as: name } : {}),
    )
    if (answer) onBegun(answer.job.id)
  }
  return (
    <Dialog title={t('sets.restore', { name: set.minion })} onClose={onClose}>
      <p>
        <When at={set.at ?? set.startedAt} />
      </p>
      <CheckField label={t('sets.clone')} checked={clone} onChange={setClone} />
      {clone ? (
        <TextField
          label={t('summon.name')}
          wrong={bad ? t(`wrong.${bad}`) : undefined}
          value={name}
          onInput={setName}
          mono
        />
      ) : (
        <>
          <p>{t('sets.restore.what', { name: set.minion })}</p>
          <TextField
            label={t('dumps.restore.type', { name: set.minion })}
            value={typed}
            onInput={setTyped}
            mono
          />
        </>
      )}
      {trouble && <TroubleNote trouble={trouble} />}
      <ByHand command={`summoner restore ${set.id}${clone && name ? ` --as ${name}` : ''}`} />
      <div class="row">
        <button
          type="button"
          class={`button ${clone ? 'main' : 'grave'}`}
          disabled={busy || !ready}
          onClick={() => void restore()}
        >
          <Icon name="restart" />
          {clone ? t('sets.clone.do') : t('dumps.restore')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t('cancel')}
        </button>
      </div>
    </Dialog>
  )
}
