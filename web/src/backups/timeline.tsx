/** Every minion's sets on one line of time: how far back each can go, and what is proven. */
import type { BackupSet } from '../../../server/backups/set.ts'
import { ago, now, t, time } from '../i18n/i18n.ts'
import { Link } from '../router/router.tsx'
import { momentOf } from './saved.ts'

const DAY = 86_400_000
/** A dot must not hang over the end of its line. */
const MARGIN = 1.5

interface TimelineProps {
  rows: readonly { name: string; sets: readonly BackupSet[] }[]
  why(set: BackupSet): string
}

export function Timeline({ rows, why }: TimelineProps) {
  const moments = rows.flatMap(({ sets }) => sets.map((set) => Date.parse(momentOf(set))))
  const end = now.value
  const start = Math.min(end - 7 * DAY, ...moments)
  const place = (at: number) => MARGIN + ((at - start) / (end - start)) * (100 - 2 * MARGIN)
  const ticks = [0, 1, 2, 3].map((step) => start + ((end - start) * step) / 4)
  return (
    <figure class="card timeline">
      <figcaption class="hidden-text">{t('timeline')}</figcaption>
      <ul>
        {rows.map(({ name, sets }) => (
          <li key={name}>
            <Link class="cut" to={`/backups/${name}`}>
              {name}
            </Link>
            <div class="line" role="img" aria-label={lineText(sets)}>
              {sets.map((set) => (
                <i
                  key={set.id}
                  class={dotOf(set)}
                  style={{ insetInlineStart: `${place(Date.parse(momentOf(set)))}%` }}
                  title={`${time(momentOf(set))} · ${why(set)}`}
                />
              ))}
            </div>
          </li>
        ))}
      </ul>
      <div class="ticks small faint" aria-hidden="true">
        {ticks.map((at) => (
          <span style={{ insetInlineStart: `${place(at)}%` }}>{time(at, 'date')}</span>
        ))}
        <span class="end">{t('timeline.now')}</span>
      </div>
      <p class="legend small faint" aria-hidden="true">
        <i class="good" /> {t('set.good')} <i class="good proven" /> {t('sets.proven')} <i class="failed" />{' '}
        {t('set.failed')}
      </p>
    </figure>
  )
}

const dotOf = ({ state, proof }: BackupSet): string =>
  state === 'failed' || proof?.passed === false
    ? 'failed'
    : state === 'running'
      ? 'running'
      : proof?.passed
        ? 'good proven'
        : 'good'

function lineText(sets: readonly BackupSet[]): string {
  const good = sets.filter(({ state }) => state === 'good')
  const [newest] = good
  const oldest = good.at(-1)
  if (!newest || !oldest) return t('sets.never')
  return t('timeline.line', { n: good.length, newest: ago(momentOf(newest)), oldest: ago(momentOf(oldest)) })
}
