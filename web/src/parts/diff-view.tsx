import { t } from '../i18n/i18n.ts'
import { diffLines } from './diff.ts'

const MARK = { same: ' ', added: '+', removed: '-', gap: '' }

export function DiffView({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = diffLines(before, after)
  if (lines.length === 0) return <p class="faint">{t('diff.none')}</p>
  return (
    <div class="diff" tabIndex={0} role="region" aria-label={label}>
      {lines.map(({ kind, text }) => (
        <div class={kind}>
          {kind === 'gap' ? <span class="faint">⋯</span> : `${MARK[kind]} ${text}`}
          {(kind === 'added' || kind === 'removed') && (
            <span class="hidden-text"> ({t(`diff.${kind}`)})</span>
          )}
        </div>
      ))}
    </div>
  )
}
