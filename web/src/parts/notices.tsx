import { signal } from '@preact/signals'
import { troubleOf } from '../api/problem.ts'
import { t } from '../i18n/i18n.ts'
import { titleText } from '../i18n/server-words.ts'
import { Icon } from './icon.tsx'
import { Note } from './note.tsx'
import { Rich } from './rich.tsx'

interface Notice {
  id: number
  tone: 'ok' | 'notice' | 'bad'
  text: string
  title?: string
}
const notices = signal<readonly Notice[]>([])
let count = 0

/** A word in the corner; good news leaves by itself. */
export function notify(tone: Notice['tone'], text: string, title?: string): void {
  const id = ++count
  notices.value = [...notices.value.slice(-3), { id, tone, text, ...(title ? { title } : {}) }]
  if (tone !== 'bad') setTimeout(() => drop(id), 5_000)
}

export function notifyTrouble(error: unknown): void {
  const trouble = troubleOf(error)
  notify(
    'bad',
    trouble.code === 'page.unreachable' ? t('error.unreachable') : trouble.detail,
    titleText(trouble),
  )
}

function drop(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id)
}

export function Notices() {
  return (
    <div class="notices" role="region" aria-label={t('notices')} aria-live="polite">
      {notices.value.map((notice) => (
        <Note
          key={notice.id}
          tone={notice.tone}
          action={
            <button
              type="button"
              class="button quiet small icon-only"
              aria-label={t('close')}
              onClick={() => drop(notice.id)}
            >
              <Icon name="cross" />
            </button>
          }
        >
          {notice.title && <strong>{notice.title}</strong>}
          <span>
            <Rich text={notice.text} />
          </span>
        </Note>
      ))}
    </div>
  )
}
