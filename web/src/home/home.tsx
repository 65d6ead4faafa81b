/** Home: what needs somebody, every minion, how the server is. */
import './home.css'
import { useAsk } from '../api/ask.ts'
import { get } from '../api/client.ts'
import { listCertificates, listTemplates } from '../api/lists.ts'
import { connection, minions } from '../api/live.ts'
import { ago, daysLeft, now, t, unit } from '../i18n/i18n.ts'
import { Empty, Skeleton } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Link } from '../router/router.tsx'
import { may } from '../session/session.ts'
import type { Host as HostFacts } from '../../../server/samples/sample.ts'
import type { DumpRecord } from '../../../server/backups/dump.ts'
import { needs } from './attention.ts'
import { daysToFull, diskUsed, Host } from './host.tsx'
import { NeedsList } from './needs-list.tsx'
import { Tile } from './tile.tsx'

export function Page() {
  const all = minions.value
  const templates = useAsk(listTemplates, [])
  const certificates = useAsk(listCertificates, [], { live: true })
  const host = useAsk(() => get<HostFacts>('/host'), [], { everyMs: 10_000 })
  const dumps = useAsk(async () => (await get<{ dumps: DumpRecord[] }>('/dumps')).dumps, [], {
    everyMs: 60_000,
  })
  if (all === undefined)
    return (
      <>
        <h1>{t('nav.home')}</h1>
        {connection.value === 'lost' ? (
          <p class="faint">{t('error.unreachable')}</p>
        ) : (
          <Skeleton lines={5} height={40} />
        )}
      </>
    )
  const left = host.data && daysToFull(host.data)
  const open = needs({
    minions: all,
    certificates: certificates.data,
    host: host.data && {
      memoryUsed: host.data.memory.used / host.data.memory.total,
      diskUsed: diskUsed(host.data),
      ...(left === undefined ? {} : { diskDaysLeft: left }),
    },
    now: now.value,
  })
  const proxyOnly = all.every(({ template }) => template === 'nginx')
  const category = new Map(templates.data?.map((row) => [row.name, row.category]))
  const certificate = new Map(certificates.data?.map((one) => [one.name, one.notAfter]))
  const canOperate = may('operator')
  return (
    <>
      <div class="spread">
        <div>
          <h1>{sentence(open.length, all.length, proxyOnly)}</h1>
        </div>
        {canOperate && !proxyOnly && (
          <Link to="/catalogue" class="button main">
            <Icon name="plus" />
            {t('home.summon')}
          </Link>
        )}
      </div>
      {open.length > 0 && <NeedsList needs={open} />}
      {proxyOnly ? (
        <Empty
          icon="package"
          title={t('home.empty')}
          action={
            canOperate && (
              <Link to="/catalogue" class="button main">
                {t('home.empty.do')}
              </Link>
            )
          }
        >
          {t('home.empty.what')}
        </Empty>
      ) : (
        <section class="stack" aria-label={t('home.minions')}>
          <h2>
            {t('home.minions')} <span class="faint">{all.length}</span>
          </h2>
          <ul class="grid">
            {all.map((minion) => (
              <Tile
                key={minion.name}
                minion={minion}
                category={category.get(minion.template)}
                truth={truthOf(
                  minion.url && certificate.get(new URL(minion.url).hostname),
                  dumps.data?.find((dump) => dump.minion === minion.name)?.at,
                )}
                canOperate={canOperate}
              />
            ))}
          </ul>
        </section>
      )}
      {host.data && <Host host={host.data} />}
    </>
  )
}

function sentence(open: number, all: number, proxyOnly: boolean): string {
  if (open > 0) return t('home.needs', { n: open })
  return proxyOnly ? t('home.ready') : t('home.calm', { n: all })
}

const truthOf = (notAfter: string | undefined, dumped: string | undefined): string =>
  [
    dumped && t('tile.dumped', { when: ago(dumped) }),
    notAfter && t('tile.certificate', { left: unit(Math.max(0, daysLeft(notAfter)), 'day') }),
  ]
    .filter(Boolean)
    .join(' · ')
