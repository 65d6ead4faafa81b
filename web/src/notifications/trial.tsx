/** What a recipe would send, from an event that came or a sample; nothing is sent. */
import { t } from '../i18n/i18n.ts'
import { Code } from '../parts/copy.tsx'
import { Note } from '../parts/note.tsx'

export interface Trial {
  event: { title: string; type: string }
  taken: boolean
  decisions: { at: string; outcome: string; why: string }[]
  steps: { step: string; action: string; destination: string; text: string; notes: string[] }[]
}

export function TrialView({ trial }: { trial: Trial }) {
  return (
    <div class="stack">
      <p class="faint">
        {t('recipes.event')} <code>{trial.event.type}</code> {trial.event.title}
      </p>
      {!trial.taken && (
        <Note tone="notice">
          <span>{trial.decisions.map(({ why }) => why).join(' ') || t('recipes.notTaken')}</span>
        </Note>
      )}
      {trial.steps.map((step) => (
        <div class="stack tight">
          <span class="strong">
            {step.action} → {step.destination}
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
