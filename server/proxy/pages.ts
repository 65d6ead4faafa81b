/** The friendly page: what a visitor sees while a minion cannot answer. One file per reason and language, no script, no outside request. */
import type { Vhost } from './vhost.ts'

export type PageReason = Extract<Vhost['serve'], { kind: 'page' }>['reason']
export const PAGE_LANGUAGES = ['en', 'fr'] as const
type Language = (typeof PAGE_LANGUAGES)[number]

interface Words {
  title: string
  text: string
  next: string
}

const WORDS: Record<PageReason, Record<Language, Words>> = {
  starting: {
    en: {
      title: 'Starting',
      text: 'is being prepared. The first start can take a few minutes.',
      next: 'This page looks again by itself.',
    },
    fr: {
      title: 'Démarrage en cours',
      text: 'se prépare. Le premier démarrage peut prendre quelques minutes.',
      next: 'Cette page se recharge d’elle-même.',
    },
  },
  stopped: {
    en: {
      title: 'Stopped',
      text: 'was stopped by its administrator. Nothing is lost.',
      next: 'This page shows the site again once it has been started.',
    },
    fr: {
      title: 'À l’arrêt',
      text: 'a été arrêté par son administrateur. Rien n’est perdu.',
      next: 'Le site réapparaîtra ici dès sa remise en route.',
    },
  },
  failed: {
    en: {
      title: 'Could not start',
      text: 'did not start as it should. Its administrator sees the reason in Summoner.',
      next: 'This page shows the site again once it works.',
    },
    fr: {
      title: 'Démarrage impossible',
      text: 'n’a pas démarré correctement. Son administrateur en trouve la raison dans Summoner.',
      next: 'Le site réapparaîtra ici dès qu’il fonctionnera.',
    },
  },
  unreachable: {
    en: {
      title: 'Not answering',
      text: 'does not answer at the moment. It may be restarting.',
      next: 'This page looks again by itself.',
    },
    fr: {
      title: 'Sans réponse',
      text: 'ne répond pas pour le moment. Un redémarrage est peut-être en cours.',
      next: 'Cette page se recharge d’elle-même.',
    },
  },
}

/** Shape beside colour (never colour alone). */
const MARK: Record<PageReason, string> = { starting: '◐', stopped: '○', failed: '■', unreachable: '▲' }

export const pageFile = (reason: PageReason, language: string): string => `${reason}.${language}.html`

/** Every page, by file name. The host's name is put in by nginx (SSI), so that one file serves all hosts. */
export function renderPages(): Record<string, string> {
  const pages: Record<string, string> = {}
  for (const [reason, languages] of Object.entries(WORDS) as [PageReason, Record<Language, Words>][])
    for (const language of PAGE_LANGUAGES)
      pages[pageFile(reason, language)] = renderPage(reason, language, languages[language])
  return pages
}

function renderPage(reason: PageReason, language: Language, { title, text, next }: Words): string {
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="5">
<title>${title} · <!--# echo var="host" --></title>
<style>
:root { color-scheme: light dark; --page: #f7f5f2; --text: #2b2825; --quiet: #6a645d; --line: #e2ddd6; --accent: #0f6b68; --warn: #8a5a00; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --page: #1c1a18; --text: #ece7e1; --quiet: #a8a098; --line: #37332f; --accent: #5bb8b3; --warn: #e0b252; --bad: #f0857c } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--page); color: var(--text); font: 15px/1.6 system-ui, sans-serif }
main { box-sizing: border-box; width: 100%; max-width: 480px; padding: 32px 24px }
h1 { margin: 0 0 16px; font-size: 24px; font-weight: 600; line-height: 1.3 }
.mark { color: var(--accent); margin-right: 8px }
.failed .mark { color: var(--bad) }
.unreachable .mark { color: var(--warn) }
.stopped .mark { color: var(--quiet) }
p { margin: 0 0 12px }
strong { font-weight: 600; overflow-wrap: anywhere }
.next { margin-top: 24px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--quiet); font-size: 13px }
</style>
<main class="${reason}">
<h1><span class="mark" aria-hidden="true">${MARK[reason]}</span>${title}</h1>
<p><strong><!--# echo var="host" --></strong> ${text}</p>
<p class="next">${next}</p>
</main>
</html>
`
}
