import { useState } from 'preact/hooks'
import type { AuditEntry } from '../../../server/audit/audit.ts'
import { useAsk } from '../api/ask.ts'
import { get } from '../api/client.ts'
import { language, t } from '../i18n/i18n.ts'
import { didText } from './audit-words.ts'
import { ByHand } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { When } from '../parts/time.tsx'
import { Table } from '../parts/table.tsx'

export function Audit() {
  const [before, setBefore] = useState<number | undefined>(undefined)
  const entries = useAsk(
    async () => {
      const query = before === undefined ? '' : `&before=${before}`
      return (await get<{ entries: AuditEntry[] }>(`/audit?limit=100${query}`)).entries
    },
    [before],
    { live: before === undefined },
  )
  return (
    <div class="stack">
      <p class="faint">{t('audit.what')}</p>
      <Loaded asked={entries} lines={8}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="list" title={t('audit.none')}>
              {t('audit.none.what')}
            </Empty>
          ) : (
            <>
              <Table
                label={t('box.audit')}
                columns={[t('jobs.when'), t('audit.who'), t('audit.did'), t('audit.answer')]}
              >
                {all.map((entry) => (
                  <tr key={entry.id}>
                    <td class="small">
                      <When at={entry.at} />
                    </td>
                    <td>
                      <span class="strong">{entry.actor === 'local' ? t('audit.local') : entry.actor}</span>
                      <div class="small faint">
                        {t(`audit.via.${entry.via}`)} {entry.address}
                      </div>
                    </td>
                    <td>
                      {didText(entry.action, language()) ?? <code>{entry.action}</code>}{' '}
                      {entry.target && <span class="strong">{entry.target}</span>}
                      {entry.change && (
                        <details class="by-hand">
                          <summary>{t('audit.change')}</summary>
                          <pre class="log" style={{ margin: 0 }} tabIndex={0}>
                            {entry.change}
                          </pre>
                        </details>
                      )}
                    </td>
                    <td class="small">
                      {entry.status === undefined
                        ? ''
                        : entry.status < 400
                          ? t('audit.done')
                          : t('audit.refused', { status: String(entry.status) })}
                    </td>
                  </tr>
                ))}
              </Table>
              <div class="row">
                {before !== undefined && (
                  <button type="button" class="button" onClick={() => setBefore(undefined)}>
                    {t('audit.newest')}
                  </button>
                )}
                {all.length === 100 && (
                  <button type="button" class="button" onClick={() => setBefore(all.at(-1)?.id)}>
                    {t('audit.older')}
                  </button>
                )}
              </div>
            </>
          )
        }
      </Loaded>
      <ByHand command="summoner audit" />
    </div>
  )
}
