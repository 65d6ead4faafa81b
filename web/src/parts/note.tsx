import type { ComponentChildren } from 'preact'
import type { Trouble } from '../api/problem.ts'
import { t } from '../i18n/i18n.ts'
import { hintText, titleText } from '../i18n/server-words.ts'
import { Icon, type IconName } from './icon.tsx'
import { Rich } from './rich.tsx'
import type { Tone } from './shape.tsx'

const ICONS: Record<Exclude<Tone, 'none'>, IconName> = {
  ok: 'check',
  notice: 'info',
  warn: 'warning',
  bad: 'warning',
}

interface NoteProps {
  tone: Exclude<Tone, 'none'>
  children: ComponentChildren
  action?: ComponentChildren
  role?: 'alert' | 'status'
}
export function Note({ tone, children, action, role }: NoteProps) {
  return (
    <div class={`note ${tone}`} role={role}>
      <Icon name={ICONS[tone]} />
      <div class="grow stack tight">{children}</div>
      {action}
    </div>
  )
}

/** What, why, what to do; and a way to try again. */
export function TroubleNote({ trouble, again }: { trouble: Trouble; again?: (() => void) | undefined }) {
  const place =
    trouble.line === undefined
      ? undefined
      : t('error.place', { line: trouble.line, column: trouble.column ?? 1 })
  return (
    <Note
      tone={trouble.code === 'page.unreachable' ? 'warn' : 'bad'}
      role="alert"
      action={
        again && (
          <button type="button" class="button small" onClick={again}>
            {t('again')}
          </button>
        )
      }
    >
      <strong>{titleText(trouble)}</strong>
      <span>
        <Rich text={trouble.code === 'page.unreachable' ? t('error.unreachable') : trouble.detail} />
        {place && <span class="faint"> ({place})</span>}
      </span>
      {trouble.errors && trouble.errors.length > 1 && (
        <ul class="small">
          {trouble.errors.slice(0, 20).map((error) => (
            <li>
              <Rich text={error.detail} />
              {error.line !== undefined && (
                <span class="faint">
                  {' '}
                  ({t('error.place', { line: error.line, column: error.column ?? 1 })})
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {trouble.hint && (
        <span class="small faint">
          <Rich text={hintText(trouble)} />
        </span>
      )}
    </Note>
  )
}
