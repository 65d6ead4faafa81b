/** The roles, as choices and in words. */
import { t } from '../i18n/i18n.ts'
import { ROLES } from './roles.ts'

export const roleChoices = () => ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))

export function Roles() {
  return (
    <details class="by-hand">
      <summary>{t('people.roles')}</summary>
      <dl class="facts small">
        {ROLES.map((role) => (
          <>
            <dt>{t(`role.${role}`)}</dt>
            <dd>{t(`role.${role}.what`)}</dd>
          </>
        ))}
      </dl>
    </details>
  )
}
