/** An address as it is handed over, once. */
import { useState } from 'preact/hooks'
import type { Address } from '../../../server/webhooks/source-view.ts'
import { own, t } from '../i18n/i18n.ts'
import { Code } from '../parts/copy.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note } from '../parts/note.tsx'
import { Rich } from '../parts/rich.tsx'

/** Ready to paste; it is not shown again. */
export function Paste({ address, onClose }: { address: Address; onClose(): void }) {
  const [inside, setInside] = useState(false)
  return (
    <Note
      tone="ok"
      role="status"
      action={
        <button type="button" class="button quiet small icon-only" aria-label={t('close')} onClick={onClose}>
          <Icon name="cross" />
        </button>
      }
    >
      <strong>{t('sources.paste', { name: address.source })}</strong>
      <div class="chips" role="group" aria-label={t('sources.where')}>
        <button type="button" class="chip" aria-pressed={!inside} onClick={() => setInside(false)}>
          {t('sources.outside')}
        </button>
        <button type="button" class="chip" aria-pressed={inside} onClick={() => setInside(true)}>
          {t('sources.inside')}
        </button>
      </div>
      <Code text={inside ? address.inside : address.url} label={t('sources.address')} />
      {address.secret && (
        <>
          <span class="small">{t('sources.secret')}</span>
          <Code text={address.secret} label={t('sources.secret')} />
        </>
      )}
      <span class="small">
        <Rich text={own(address.steps)} />
      </span>
    </Note>
  )
}
