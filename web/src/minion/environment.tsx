/** What the containers of a minion are given; secrets stay masked. */
import type { Settings } from '../../../server/minions/settings-view.ts'
import { t } from '../i18n/i18n.ts'
import { Table } from '../parts/table.tsx'

export function Environment({ entries }: { entries: Settings['environment'] }) {
  return (
    <section class="stack" aria-labelledby="environment">
      <h2 id="environment">{t('settings.environment')}</h2>
      <p class="faint small">{t('settings.environment.what')}</p>
      <Table
        label={t('settings.environment')}
        class="envs"
        columns={[t('settings.variable'), t('settings.value')]}
      >
        {entries.map(({ name, secret, value }) => (
          <tr>
            <td>{name}</td>
            <td>
              {secret ? (
                <span class="faint">
                  ••••••••<span class="hidden-text">{t('settings.masked')}</span>
                </span>
              ) : (
                value
              )}
            </td>
          </tr>
        ))}
      </Table>
    </section>
  )
}
