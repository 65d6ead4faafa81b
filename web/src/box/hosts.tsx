import type { VhostView } from '../../../server/proxy/vhosts.routes.ts'
import { useAsk } from '../api/ask.ts'
import { get } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { said } from '../i18n/server-words.ts'
import { ByHand } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { Badge, type ShapeName, type Tone } from '../parts/shape.tsx'
import { Table } from '../parts/table.tsx'
import { Link } from '../router/router.tsx'

const MARK: Record<VhostView['state'], [ShapeName, Tone]> = {
  serving: ['full', 'ok'],
  redirect: ['dot', 'none'],
  starting: ['half', 'notice'],
  stopped: ['ring', 'none'],
  failed: ['square', 'bad'],
  unreachable: ['triangle', 'warn'],
  rejected: ['square', 'bad'],
}

export function Hosts() {
  const hosts = useAsk(async () => (await get<{ vhosts: VhostView[] }>('/vhosts')).vhosts, [], { live: true })
  return (
    <div class="stack">
      <p class="faint">{t('hosts.what')}</p>
      <Loaded asked={hosts}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="globe" title={t('hosts.none')}>
              {t('hosts.none.what')}
            </Empty>
          ) : (
            <Table
              label={t('box.hosts')}
              columns={[t('certificates.host'), t('container.state'), t('hosts.owner'), t('hosts.leads')]}
            >
              {all.map((host) => {
                const [shape, tone] = MARK[host.state]
                const minion = /^minion:(.+)$/.exec(host.owner)?.[1]
                return (
                  <tr>
                    <td class="mono">
                      <a
                        href={`${host.tls ? 'https' : 'http'}://${host.host}`}
                        target="_blank"
                        rel="noreferrer"
                      >
                        {host.host}
                      </a>
                    </td>
                    <td>
                      <Badge shape={shape} tone={tone} word={t(`host.${host.state}`)} />
                      {host.reason && <div class="small faint">{said(host.reason)}</div>}
                    </td>
                    <td>
                      {minion ? (
                        <Link to={`/minions/${minion}`}>{minion}</Link>
                      ) : host.owner === 'box' ? (
                        t('theBox')
                      ) : (
                        host.owner
                      )}
                    </td>
                    <td class="mono small">{host.to ?? host.upstreams.join(' ')}</td>
                  </tr>
                )
              })}
            </Table>
          )
        }
      </Loaded>
      <ByHand command="summoner vhosts" />
    </div>
  )
}
