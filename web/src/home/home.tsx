/** Home: what needs somebody, every minion, how the server is. */
import './home.css'
import { useAsk } from '../api/ask.ts'
import { get } from '../api/client.ts'
import { listCertificates, listTemplates } from '../api/lists.ts'
import { connection, minions } from '../api/live.ts'
import { ago, bytes, daysLeft, now, t, unit } from '../i18n/i18n.ts'
import { Empty, Skeleton } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Link } from '../router/router.tsx'
import { may } from '../session/session.ts'
import type { Minion } from '../../../server/minions/minion.ts'
import type { Host as HostFacts } from '../../../server/samples/sample.ts'
import type { BackupSet } from '../../../server/backups/set.ts'
import { needs } from './attention.ts'
import { ofTheBox } from '../minion/server.ts'
import { daysToFull, diskUsed, Host } from './host.tsx'
import { NeedsList } from './needs-list.tsx'
import { Tile } from './tile.tsx'

export function Page() {
  const all = minions.value
  const templates = useAsk(listTemplates, [])
  const certificates = useAsk(listCertificates, [], { live: true })
  const host = useAsk(() => get<HostFacts>('/host'), [], { everyMs: 10_000 })
  const sets = useAsk(
    async () => newestOf((await get<{ sets: BackupSet[] }>('/backups?limit=1000')).sets),
    [],
    {
      everyMs: 60_000,
    },
  )
  const memory = useAsk(memoryByMinion, [], { everyMs: 10_000 })
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
    unsaved: [...(sets.data?.values() ?? [])]
      .flatMap(({ failed }) => failed ?? [])
      .filter(({ minion }) => all.some(({ name }) => name === minion)),
    host: host.data && {
      memoryUsed: host.data.memory.used / host.data.memory.total,
      diskUsed: diskUsed(host.data),
      ...(left === undefined ? {} : { diskDaysLeft: left }),
    },
    now: now.value,
  })
  const proxyOnly = all.every(ofTheBox)
  const category = new Map(templates.data?.map((row) => [row.name, row.category]))
  const certificate = new Map(certificates.data?.map((one) => [one.name, one.notAfter]))
  const canOperate = may('operator')
  return (
    <>
      <div class="spread">
        <div>
          <h1>{sentence(open.length, all, proxyOnly)}</h1>
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
                truth={truthOf({
                  memory: minion.containers.some(({ state }) => state === 'running')
                    ? memory.data?.get(minion.name)
                    : undefined,
                  saved: sets.data?.get(minion.name),
                  notAfter: minion.url && certificate.get(new URL(minion.url).hostname),
                })}
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

function sentence(open: number, all: readonly Minion[], proxyOnly: boolean): string {
  if (open > 0) return t('home.needs', { n: open })
  if (proxyOnly) return t('home.ready')
  const resting = all.filter(({ status }) => status === 'stopped').length
  return resting > 0 ? t('home.resting', { n: resting, all: all.length }) : t('home.calm', { n: all.length })
}

/** What a tile says of the copies of its minion. */
interface SavedFacts {
  at?: string
  proven: boolean
  /** The newest try, when it failed. */
  failed?: { minion: string; problem: string }
}

function newestOf(sets: readonly BackupSet[]): Map<string, SavedFacts> {
  const found = new Map<string, SavedFacts>()
  for (const set of sets) {
    const known = found.get(set.minion)
    if (set.state === 'failed' && !known)
      found.set(set.minion, {
        proven: false,
        failed: { minion: set.minion, problem: set.problem ?? '' },
      })
    if (set.state === 'good' && !known?.at)
      found.set(set.minion, { ...known, at: set.at ?? set.startedAt, proven: set.proof?.passed ?? false })
  }
  return found
}

const memoryByMinion = async (): Promise<Map<string, number>> =>
  new Map(
    (await get<{ minions: { minion: string; memory: number }[] }>('/usage')).minions.map((one) => [
      one.minion,
      one.memory,
    ]),
  )

interface Truths {
  memory: number | undefined
  saved: SavedFacts | undefined
  notAfter: string | undefined
}
const truthOf = ({ memory, saved, notAfter }: Truths): string =>
  [
    memory && bytes(memory),
    saved?.at && t(saved.proven ? 'tile.proven' : 'tile.saved', { when: ago(saved.at) }),
    notAfter && t('tile.certificate', { left: unit(Math.max(0, daysLeft(notAfter)), 'day') }),
  ]
    .filter(Boolean)
    .join(' · ')
