/** What a recipe would send, from an event that came or a sample; nothing is sent. */
import { t, tMaybe } from '../i18n/i18n.ts'
import { Code } from '../parts/copy.tsx'
import { Note } from '../parts/note.tsx'
import { When } from '../parts/time.tsx'

export interface Trial {
  event: { title: string; type: string; at: string }
  /** Nothing like it came yet: an example. */
  sample?: boolean
  taken: boolean
  decisions: { at: string; outcome: string; why: string }[]
  steps: { step: string; action: string; destination: string; text: string; notes: string[] }[]
}

export function TrialView({ trial }: { trial: Trial }) {
  const refusals = trial.decisions.filter(({ outcome }) => outcome === 'no').map(({ why }) => why)
  return (
    <div class="stack">
      <p class="faint">
        {t(trial.sample ? 'recipes.event.sample' : 'recipes.event')} <code>{trial.event.type}</code>{' '}
        {trial.event.title}
        {!trial.sample && (
          <>
            {' · '}
            <When at={trial.event.at} />
          </>
        )}
      </p>
      {!trial.taken && (
        <Note tone="notice">
          <span>{t('recipes.notTaken')}</span>
          {refusals.length > 0 && <span class="small faint">{refusals.join(', ')}</span>}
        </Note>
      )}
      {trial.steps.map((step) => (
        <div class="stack tight">
          <span class="strong">
            {tMaybe(`action.${step.action}`) ?? step.action} → {step.destination.replace(/^\w+:/, '')}
          </span>
          <Code text={step.text} label={t('recipes.message')} />
          {step.notes.map((note) => (
            <span class="small faint">{note}</span>
          ))}
        </div>
      ))}
    </div>
  )
}
