/** What stands before the page: the frame of signing in and of one-time links. */
import type { ComponentChildren } from 'preact'
import { language, setLanguage } from '../i18n/i18n.ts'
import { LANGUAGES } from '../i18n/words.ts'

export function Gate({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="gate">
      <main id="page" tabIndex={-1}>
        <div class="row">
          <img src="/favicon.svg" alt="" width="36" height="36" />
          <span class="strong" style={{ fontSize: 'var(--t18)' }}>
            Summoner
          </span>
          <span class="grow" />
          {LANGUAGES.map((code) => (
            <button
              type="button"
              class="button quiet small"
              lang={code}
              aria-pressed={language() === code}
              onClick={() => void setLanguage(code)}
            >
              {code === 'fr' ? 'Français' : 'English'}
            </button>
          ))}
        </div>
        <div class="card stack">
          <h1>{title}</h1>
          {children}
        </div>
      </main>
    </div>
  )
}
