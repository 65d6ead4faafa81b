/** Powers over the server that a template asks for: each named, with its reason, given by an administrator or not at all. */
import type { TemplateDescription } from '../../../server/templates/template.ts'
import { own, t } from '../i18n/i18n.ts'
import { CheckField } from '../parts/field.tsx'
import { Note } from '../parts/note.tsx'
import { may } from '../session/session.ts'

interface GrantsFieldProps {
  grants: NonNullable<TemplateDescription['grants']>
  granted: ReadonlySet<string>
  onChange(granted: ReadonlySet<string>): void
}

export function GrantsField({ grants, granted, onChange }: GrantsFieldProps) {
  if (grants.length === 0) return null
  const give = (what: string, checked: boolean) => {
    const next = new Set(granted)
    if (checked) next.add(what)
    else next.delete(what)
    onChange(next)
  }
  return (
    <fieldset class="stack tight">
      <legend class="strong">{t('summon.grants')}</legend>
      <Note tone="warn">
        <span>{may('administrator') ? t('summon.grants.what') : t('summon.grants.refused')}</span>
      </Note>
      {grants.map(({ what, why }) => (
        <CheckField
          key={what}
          label={
            <>
              <code>{what}</code> <span class="faint">{own(why)}</span>
            </>
          }
          checked={granted.has(what)}
          disabled={!may('administrator')}
          onChange={(checked) => give(what, checked)}
        />
      ))}
    </fieldset>
  )
}
