import type { Minion } from '../../../server/minions/minion.ts'
import { post } from '../api/client.ts'
import { useAct } from '../api/ask.ts'
import { percent, t, unit } from '../i18n/i18n.ts'
import { reasonText, said } from '../i18n/server-words.ts'
import { power } from '../minion/power.ts'
import { TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { Rich } from '../parts/rich.tsx'
import { Shape } from '../parts/shape.tsx'
import { go, Link } from '../router/router.tsx'
import { may } from '../session/session.ts'
import type { Need } from './attention.ts'

const SHAPE = { bad: 'square', warn: 'triangle', notice: 'half' } as const

export function NeedsList({ needs }: { needs: readonly Need[] }) {
  return (
    <ul class="needs" aria-label={t('home.needs.list')}>
      {needs.map((need) => (
        <li key={keyOf(need)}>
          <span class={`tone-${need.tone}`}>
            <Shape name={SHAPE[need.tone]} />
          </span>
          <Words need={need} />
          <Mend need={need} />
        </li>
      ))}
    </ul>
  )
}

const keyOf = (need: Need) =>
  'minion' in need
    ? `${need.kind} ${need.minion.name}`
    : 'name' in need
      ? `${need.kind} ${need.name}`
      : 'host' in need
        ? `${need.kind} ${need.host}`
        : need.kind

function Words({ need }: { need: Need }) {
  const [title, detail] = wordsOf(need)
  return (
    <div class="words">
      <div class="strong">{title}</div>
      {detail && (
        <div class="small faint">
          <Rich text={detail} />
        </div>
      )}
    </div>
  )
}

function wordsOf(need: Need): [title: string, detail?: string | undefined] {
  switch (need.kind) {
    case 'failed':
    case 'degraded':
    case 'halted':
      return [t(`need.${need.kind}`, { name: need.minion.name }), reasonText(need.minion)]
    case 'drift':
      return [
        t('need.drift', { name: need.minion.name }),
        t('need.drift.what', { what: need.minion.drift.join(', ') }),
      ]
    case 'pending':
      return [t('need.pending', { n: need.minions.length }), need.minions.map(({ name }) => name).join(', ')]
    case 'unsaved':
      return [t('need.unsaved', { name: need.name }), said(need.problem)]
    case 'certificate':
      return [
        need.days < 0
          ? t('need.certificate.over', { host: need.host })
          : t('need.certificate', { host: need.host, left: unit(need.days, 'day') }),
        need.error,
      ]
    case 'disk':
      return [
        t('need.disk', { used: percent(need.used * 100) }),
        need.daysLeft === undefined
          ? t('need.disk.what')
          : t('need.disk.soon', { left: unit(need.daysLeft, 'day') }),
      ]
    case 'memory':
      return [t('need.memory', { used: percent(need.used * 100) }), t('need.memory.what')]
  }
}

const verbFor = ({ kind, minion }: { kind: string; minion: Minion }) =>
  kind === 'halted' || minion.containers.length === 0 ? 'start' : 'restart'

function Mend({ need }: { need: Need }) {
  const { busy, trouble, act } = useAct()
  if (trouble) return <TroubleNote trouble={trouble} />
  if (need.kind === 'failed' || need.kind === 'degraded' || need.kind === 'halted' || need.kind === 'drift') {
    const { minion } = need
    return (
      <div class="row">
        {may('operator') && (
          <Link class="button small" to={`/minions/${minion.name}/logs`}>
            {t('minion.logs')}
          </Link>
        )}
        {may('operator') && minion.job === undefined && (
          <button
            type="button"
            class="button main small"
            disabled={busy}
            onClick={() =>
              need.kind === 'drift'
                ? void act(async () => {
                    await post('/config/apply', { only: [minion.name] })
                    notify('notice', t('need.drift.begun', { name: minion.name }))
                  })
                : void act(() => power(minion.name, verbFor(need)))
            }
          >
            {need.kind === 'drift'
              ? t('need.drift.do')
              : need.kind !== 'halted' && minion.containers.length === 0
                ? t('again')
                : t(`power.${verbFor(need)}`)}
          </button>
        )}
      </div>
    )
  }
  if (need.kind === 'unsaved')
    return (
      <Link class="button small" to={`/backups/${need.name}`}>
        {may('operator') ? t('need.unsaved.do') : t('look')}
      </Link>
    )
  const to =
    need.kind === 'pending' ? '/box' : need.kind === 'certificate' ? '/box/certificates' : '/box/doctor'
  return (
    <button type="button" class="button small" onClick={() => go(to)}>
      {need.kind === 'pending' ? t('need.pending.do') : t('look')}
    </button>
  )
}
