/** What is saved of one minion, in a line. */
import type { Minion } from '../../../server/minions/minion.ts'
import { bytes, span, t } from '../i18n/i18n.ts'
import { Badge } from '../parts/shape.tsx'
import { When } from '../parts/time.tsx'
import { Link } from '../router/router.tsx'
import { BOX, momentOf, newestGood, type Saved } from './saved.ts'

export interface Row {
  name: string
  minion: Minion | undefined
  sets: Saved['sets']
  dumps: Saved['dumps']
}

export function MinionRow({ name, minion, sets, dumps }: Row) {
  const newest = newestGood(sets)
  const proven = sets.find(({ proof }) => proof?.passed)
  const failed = sets[0]?.state === 'failed' ? sets[0] : undefined
  return (
    <li>
      <div class="grow">
        <h2>
          <Link to={`/backups/${name}`}>{name}</Link>{' '}
          {!minion && <span class="tag">{name === BOX ? t('backups.box') : t('backups.dismissed')}</span>}
        </h2>
        <p class="small faint">
          {newest ? (
            <>
              {t('sets.last')} <When at={momentOf(newest)} />
              {newest.bytes === undefined ? '' : ` · ${bytes(newest.bytes)}`}
              {` · ${t('sets.count', { n: sets.filter(({ state }) => state === 'good').length })}`}
            </>
          ) : (
            t('backups.tonight')
          )}
          {dumps[0] && (
            <>
              {' · '}
              {t('dumps.last')} <When at={dumps[0].at} />
            </>
          )}
        </p>
      </div>
      {failed ? (
        <Badge shape="square" tone="bad" word={t('backups.failed')} />
      ) : proven?.proof ? (
        <Badge
          shape="full"
          tone="ok"
          word={
            proven.proof.rtoMs === undefined
              ? t('sets.proven')
              : t('sets.proven.in', { span: span(proven.proof.rtoMs) })
          }
        />
      ) : newest ? (
        <Badge shape="ring" tone="none" word={t('backups.unproven')} />
      ) : (
        <Badge shape="triangle" tone="warn" word={t('sets.never')} />
      )}
    </li>
  )
}
