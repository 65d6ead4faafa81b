import { useAct, useAsk } from '../api/ask.ts'
import { post } from '../api/client.ts'
import { listCertificates } from '../api/lists.ts'
import { daysLeft, number, t, time, unit } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { Badge } from '../parts/shape.tsx'
import { When } from '../parts/time.tsx'
import { Table } from '../parts/table.tsx'
import { may } from '../session/session.ts'

export function Certificates() {
  const certificates = useAsk(listCertificates, [], { live: true })
  const { busy, trouble, act } = useAct()
  const renew = (host?: string) =>
    act(async () => {
      const answer = await post<unknown>('/certificates/renew', host ? { host } : {})
      const results = (Array.isArray(answer) ? answer : Object.values(answer as object)[0]) as {
        error?: string
      }[]
      const failed = results.filter(({ error }) => error !== undefined)
      if (failed.length > 0) notify('bad', failed.map(({ error }) => error).join(' '))
      else notify('ok', t('certificates.renewed', { n: results.length }))
      certificates.again()
    })
  return (
    <div class="stack">
      <div class="row wide">
        <a class="button" href="/api/v1/ca.pem" download>
          <Icon name="download" />
          {t('certificates.root')}
        </a>
        <span class="small faint grow">{t('certificates.root.what')}</span>
      </div>
      {trouble && <TroubleNote trouble={trouble} />}
      <Loaded asked={certificates}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="shield" title={t('certificates.none')}>
              {t('certificates.none.what')}
            </Empty>
          ) : (
            <Table
              label={t('box.certificates')}
              columns={[t('certificates.host'), t('certificates.left'), t('certificates.by')]}
              actions
            >
              {all.map((one) => {
                const days = daysLeft(one.notAfter)
                const tone = days < 3 ? 'bad' : days < 14 ? 'warn' : 'ok'
                return (
                  <tr>
                    <td>
                      <div class="mono">{one.name}</div>
                      {one.names.length > 1 && (
                        <div class="small faint mono">
                          {one.names.filter((name) => name !== one.name).join(' ')}
                        </div>
                      )}
                      {one.acme?.lastError && <div class="small tone-bad">{one.acme.lastError}</div>}
                      {one.acme?.held && <div class="small faint">{one.acme.held}</div>}
                    </td>
                    <td>
                      <span title={time(one.notAfter)}>
                        <Badge
                          shape={tone === 'bad' ? 'square' : tone === 'warn' ? 'triangle' : 'full'}
                          tone={tone}
                          word={days < 0 ? t('certificates.over') : unit(days, 'day')}
                        />
                      </span>
                      {one.acme && (
                        <div class="small faint">
                          {t('certificates.next')} <When at={one.acme.nextAttempt} />
                        </div>
                      )}
                    </td>
                    <td>
                      <div>{one.publiclyTrusted ? one.issuer : t('certificates.internal')}</div>
                      {one.acme && one.acme.budget.length > 0 && (
                        <div class="small faint numbers">
                          {t('certificates.budget', {
                            left: number(Math.min(...one.acme.budget.map(({ left }) => left))),
                          })}
                        </div>
                      )}
                    </td>
                    <td>
                      {one.acme && may('operator') && (
                        <button
                          type="button"
                          class="button small"
                          disabled={busy}
                          onClick={() => void renew(one.name)}
                        >
                          {t('certificates.renew')}
                        </button>
                      )}
                    </td>
                  </tr>
                )
              })}
            </Table>
          )
        }
      </Loaded>
      <ByHand command={'summoner certificates\nsummoner certificates check'} />
    </div>
  )
}
