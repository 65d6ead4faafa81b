/** For those of a role and above; who was sent the address without being allowed is told whom to ask. */
import type { ComponentChildren } from 'preact'
import type { Role } from '../../../server/http/roles.ts'
import { t } from '../i18n/i18n.ts'
import { may } from '../session/session.ts'
import { Empty } from './empty.tsx'

interface OnlyProps {
  role: Role
  /** It is all that the page shows. */
  alone?: boolean
  children: ComponentChildren
}

export function Only({ role, alone = false, children }: OnlyProps) {
  if (may(role)) return <>{children}</>
  return (
    <Empty icon="lock" alone={alone} title={t('refused')}>
      {t('refused.what', { role: t(`role.${role}`) })}
    </Empty>
  )
}
