/** A set back in its place, or beside it as a clone: what happens to the data is said before anything is. */
import { useState } from 'preact/hooks'
import type { BackupSet } from '../../../server/backups/set.ts'
import type { Job } from '../../../server/jobs/job.ts'
import { useAct } from '../api/ask.ts'
import { part, post } from '../api/client.ts'
import { minions } from '../api/live.ts'
import { useDomain } from '../box/domain.ts'
import { freeName, hostFor, wrongName } from '../catalogue/inputs.ts'
import { ago, span, t, time } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { momentOf } from './saved.ts'

interface RestoreProps {
  set: BackupSet
  onClose(): void
  onBegun(job: string): void
}

export function Restore({ set, onClose, onBegun }: RestoreProps) {
  const taken = new Set(minions.value?.map(({ name }) => name))
  const there = taken.has(set.minion)
  const [clone, setClone] = useState(false)
  const [name, setName] = useState(() => freeName(`${set.minion}-copy`, taken))
  const [typed, setTyped] = useState('')
  const domain = useDomain()
  const { busy, trouble, act } = useAct()
  const bad = clone ? wrongName(name, taken) : undefined
  const ready = clone ? bad === undefined : !there || typed === set.minion
  const moment = momentOf(set)
  const restore = async () => {
    const answer = await act(() =>
      post<{ job: Job }>(`/backups/${part(set.id)}/restore`, clone ? { as: name } : {}),
    )
    if (answer) onBegun(answer.job.id)
  }
  return (
    <Dialog title={t('restore.title', { name: set.minion })} onClose={onClose} class="middle">
      <p>{t('restore.from', { ago: ago(moment), at: time(moment) })}</p>
      {!set.proof?.passed && (
        <Note tone={set.proof ? 'bad' : 'notice'}>
          <span>{set.proof ? t('restore.unsound') : t('restore.unproven')}</span>
        </Note>
      )}
      <fieldset class="choices">
        <legend class="hidden-text">{t('restore.where')}</legend>
        <Choice
          checked={!clone}
          onChoose={() => setClone(false)}
          title={there ? t('restore.place') : t('restore.back', { name: set.minion })}
        >
          {there ? t('restore.place.what', { name: set.minion }) : t('restore.back.what')}
        </Choice>
        <Choice checked={clone} onChoose={() => setClone(true)} title={t('restore.clone')}>
          {there ? t('restore.clone.what', { name: set.minion }) : t('restore.clone.gone')}
        </Choice>
      </fieldset>
      {clone ? (
        <TextField
          label={t('restore.clone.name')}
          help={domain && !bad ? t('restore.clone.at', { host: hostFor(name, domain) }) : undefined}
          wrong={bad ? t(`wrong.${bad}`) : undefined}
          value={name}
          onInput={setName}
          mono
          maxLength={40}
        />
      ) : (
        there && (
          <TextField
            label={t('dumps.restore.type', { name: set.minion })}
            value={typed}
            onInput={setTyped}
            mono
          />
        )
      )}
      {set.proof?.passed && set.proof.rtoMs !== undefined && (
        <p class="small faint">{t('restore.takes', { span: span(set.proof.rtoMs) })}</p>
      )}
      {trouble && <TroubleNote trouble={trouble} />}
      <ByHand command={`summoner restore ${set.id}${clone ? ` --as ${name}` : ''}`} />
      <div class="row">
        <button
          type="button"
          class={`button ${clone || !there ? 'main' : 'grave'}`}
          disabled={busy || !ready}
          onClick={() => void restore()}
        >
          <Icon name={clone ? 'copy' : 'restart'} />
          {clone ? t('sets.clone.do') : t('dumps.restore')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t('cancel')}
        </button>
      </div>
    </Dialog>
  )
}

interface ChoiceProps {
  checked: boolean
  title: string
  children: string
  onChoose(): void
}
function Choice({ checked, title, children, onChoose }: ChoiceProps) {
  return (
    <label class="choice">
      <input type="radio" name="where" checked={checked} onChange={onChoose} />
      <span>
        <strong>{title}</strong>
        <span class="small faint">{children}</span>
      </span>
    </label>
  )
}
