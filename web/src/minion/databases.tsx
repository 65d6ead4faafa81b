/** Shared databases: where that of a minion lies, and what lies on a server. */
import type { DatabaseServer } from '../../../server/databases/database.ts'
import type { Minion } from '../../../server/minions/minion.ts'
import { useAsk } from '../api/ask.ts'
import { get } from '../api/client.ts'
import { bytes, t } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Rich } from '../parts/rich.tsx'
import { Badge, type ShapeName, type Tone } from '../parts/shape.tsx'
import { Table } from '../parts/table.tsx'
import { Link } from '../router/router.tsx'
import { isServer } from './server.ts'

const MARK: Record<DatabaseServer['tenants'][number]['state'], [ShapeName, Tone]> = {
  used: ['full', 'ok'],
  kept: ['ring', 'none'],
  missing: ['square', 'bad'],
}

export function Databases({ minion }: { minion: Minion }) {
  if (isServer(minion)) return <OnServer name={minion.name} />
  const { database } = minion
  if (!database) return null
  return (
    <section class="stack tight" aria-labelledby="database">
      <h2 id="database">{t('database')}</h2>
      <p class="row">
        <Icon name="database" />
        <span>
          <code>{database.name}</code> {t('database.on')}{' '}
          <Link to={`/minions/${database.server}`}>{database.server}</Link>
        </span>
      </p>
      <p class="small faint">{t('database.what')}</p>
    </section>
  )
}

function OnServer({ name }: { name: string }) {
  const asked = useAsk(
    async () =>
      (await get<{ servers: DatabaseServer[] }>('/databases')).servers.find((one) => one.name === name)
        ?.tenants ?? [],
    [name],
    { live: true },
  )
  return (
    <section class="stack" aria-labelledby="databases">
      <div>
        <h2 id="databases">{t('databases')}</h2>
        <p class="small faint">
          <Rich text={t('databases.what')} />
        </p>
      </div>
      <Loaded asked={asked} lines={2} height={32}>
        {(tenants) =>
          tenants.length === 0 ? (
            <Empty icon="database" title={t('databases.none')}>
              {t('databases.none.what')}
            </Empty>
          ) : (
            <Table
              label={t('databases')}
              columns={[t('database'), t('palette.minion'), t('container.state'), t('databases.size')]}
            >
              {tenants.map(({ minion, database, state, bytes: size }) => (
                <tr>
                  <td class="mono">{database}</td>
                  <td>{state === 'kept' ? minion : <Link to={`/minions/${minion}`}>{minion}</Link>}</td>
                  <td>
                    <Badge shape={MARK[state][0]} tone={MARK[state][1]} word={t(`databases.${state}`)} />
                  </td>
                  <td class="numbers">{size === undefined ? '' : bytes(size)}</td>
                </tr>
              ))}
            </Table>
          )
        }
      </Loaded>
      <ByHand command="summoner databases" />
    </section>
  )
}
