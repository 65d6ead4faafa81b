/** One sender: what it sent, and what was refused. */
import type { Source } from '../../../server/webhooks/source-view.ts'
import { number, t, tMaybe } from '../i18n/i18n.ts'
import { Badge } from '../parts/shape.tsx'
import { When } from '../parts/time.tsx'

export function SourceFacts({ source }: { source: Source }) {
  return (
    <div class="grow stack tight">
      <div class="row">
        <span class="strong">{source.name}</span>
        <span class="tag">{tMaybe(`source.${source.type}`) ?? source.title}</span>
        {source.proof === 'missing' && <Badge shape="triangle" tone="warn" word={t('sources.missing')} />}
      </div>
      <div class="small faint mono cut">{source.address}</div>
      <div class="small faint">
        {t('sources.accepted', { n: source.accepted })}
        {source.lastSeen && (
          <>
            {' · '}
            {t('sources.last')} <When at={source.lastSeen} />
          </>
        )}
      </div>
      {source.lastRefused && (
        <div class="small tone-warn">
          {t('sources.refused', {
            count: number(Object.values(source.refused).reduce((sum, one) => sum + one, 0)),
            why: tMaybe(`refusal.${source.lastRefused.reason}`) ?? source.lastRefused.reason,
          })}{' '}
          <When at={source.lastRefused.at} />
        </div>
      )}
    </div>
  )
}
