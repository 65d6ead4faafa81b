import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'
import './styles/frame.css'
import { render } from 'preact'
import { App, prefetch, startPages } from './app.tsx'
import { setLanguage, startLanguage } from './i18n/i18n.ts'
import { startTheme } from './session/theme.ts'
import { readSession, session } from './session/session.ts'
import { troubleOf } from './api/problem.ts'
import { TroubleNote } from './parts/note.tsx'

startTheme()
const language = startLanguage().catch(() => setLanguage('en', false))
const root = document.getElementById('app')
if (root) {
  void startPages()
  await begin(root)
}

/** The daemon may just be restarting: then the page says so, and comes by itself. */
async function begin(into: HTMLElement): Promise<void> {
  try {
    await Promise.all([language, readSession()])
    render(<App />, into)
    if (session.value?.state === 'signed-in') setTimeout(prefetch, 2_000)
  } catch (error) {
    await language
    const later = setTimeout(() => void begin(into), 2_000)
    const again = () => {
      clearTimeout(later)
      void begin(into)
    }
    render(
      <main class="page">
        <TroubleNote trouble={troubleOf(error)} again={again} />
      </main>,
      into,
    )
  }
}
