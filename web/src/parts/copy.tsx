import { useState } from 'preact/hooks'
import { t } from '../i18n/i18n.ts'
import { Icon } from './icon.tsx'

export function Copy({ text, label }: { text: string; label?: string }) {
  const [done, setDone] = useState(false)
  const copy = async () => {
    await navigator.clipboard?.writeText(text)
    setDone(true)
    setTimeout(() => setDone(false), 1600)
  }
  return (
    <button
      type="button"
      class={`button small ${label ? '' : 'icon-only'}`}
      aria-label={label ? undefined : t('copy')}
      title={label ? undefined : t('copy')}
      onClick={() => void copy()}
    >
      <Icon name={done ? 'check' : 'copy'} />
      {label && (done ? t('copied') : label)}
      <span class="hidden-text" role="status">
        {done ? t('copied') : ''}
      </span>
    </button>
  )
}

/** Text that people type or paste somewhere. */
export function Code({ text, label }: { text: string; label?: string }) {
  return (
    <div class="code">
      <pre tabIndex={0} aria-label={label ?? t('code')} role="region">
        {text}
      </pre>
      <Copy text={text} />
    </div>
  )
}

/** Everything the page does can be done by hand; this shows how. */
export function ByHand({ command, yaml }: { command?: string; yaml?: string }) {
  return (
    <details class="by-hand">
      <summary>{t('byHand')}</summary>
      <div class="stack tight">
        {command && <Code text={command} label={t('byHand.command')} />}
        {yaml && (
          <>
            <p class="small faint">{t('byHand.yaml')}</p>
            <Code text={yaml} label="config.yml" />
          </>
        )}
      </div>
    </details>
  )
}
