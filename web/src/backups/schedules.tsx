/** What runs by itself, and when next: of one minion, or of the whole box by kind. */
import type { ScheduleView } from '../../../server/schedules/schedule.ts'
import { t } from '../i18n/i18n.ts'
import { When } from '../parts/time.tsx'

const KINDS = ['cold', 'dump', 'prove', 'check', 'retention'] as const
type Kind = (typeof KINDS)[number]

const kindOf = ({ key }: ScheduleView): Kind | undefined =>
  KINDS.find((kind) => key === kind || key.startsWith(`${kind}:`))

export function Schedules({ schedules }: { schedules: readonly ScheduleView[] }) {
  if (schedules.length === 0) return null
  return (
    <section class="stack tight" aria-labelledby="schedules">
      <h2 id="schedules">{t('schedules')}</h2>
      <ul class="list">
        {schedules.map((one) => {
          const kind = kindOf(one)
          return <Line key={one.key} title={kind ? t(`schedule.${kind}`) : one.title} schedules={[one]} />
        })}
      </ul>
    </section>
  )
}

export function Clock({ schedules }: { schedules: readonly ScheduleView[] }) {
  const kinds = KINDS.map((kind) => ({ kind, own: schedules.filter((one) => kindOf(one) === kind) }))
  return (
    <section class="stack tight" aria-labelledby="schedules">
      <h2 id="schedules">{t('schedules')}</h2>
      <ul class="list">
        {kinds
          .filter(({ own }) => own.length > 0)
          .map(({ kind, own }) => (
            <Line
              key={kind}
              title={t(`schedule.${kind}`)}
              note={own.some(({ minion }) => minion) ? t('schedules.minions', { n: own.length }) : undefined}
              schedules={own}
            />
          ))}
      </ul>
    </section>
  )
}

interface LineProps {
  title: string
  note?: string | undefined
  schedules: readonly ScheduleView[]
}
function Line({ title, note, schedules }: LineProps) {
  const next = schedules.flatMap((one) => one.next ?? []).sort()[0]
  const last = schedules
    .flatMap((one) => one.ranAt ?? [])
    .sort()
    .at(-1)
  const off = schedules.every(({ cron }) => cron === 'off')
  return (
    <li>
      <span class="grow">
        {title} {note && <span class="faint small">{note}</span>}
      </span>
      <span class="small faint ends">
        {off ? (
          t('schedules.off')
        ) : schedules.some(({ waiting }) => waiting) ? (
          t('schedules.waits')
        ) : next ? (
          <>
            {t('schedules.next')} <When at={next} />
          </>
        ) : null}
        {last && (
          <>
            {' · '}
            {t('schedules.last')} <When at={last} />
          </>
        )}
      </span>
    </li>
  )
}
