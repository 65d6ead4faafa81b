import { memo } from '../parts/memo.tsx'
import type { Minion } from '../../../server/minions/minion.ts'
import { t } from '../i18n/i18n.ts'
import { reasonText } from '../i18n/server-words.ts'
import { power, powersOf } from '../minion/power.ts'
import { iconOf, isServer, kindText } from '../minion/server.ts'
import { Icon } from '../parts/icon.tsx'
import { Menu, type MenuItem } from '../parts/menu.tsx'
import { Rich } from '../parts/rich.tsx'
import { StatusBadge } from '../parts/status.tsx'
import { Link } from '../router/router.tsx'

export interface TileFacts {
  category?: string | undefined
  /** One line of truth when nothing is wrong: memory, certificate, backup. */
  truth: string
}

interface TileProps extends TileFacts {
  minion: Minion
  canOperate: boolean
}

/** Drawn again only when its own minion changed. */
export const Tile = memo(function Tile({ minion, category, truth, canOperate }: TileProps) {
  const { name, url, status } = minion
  const host = url?.replace(/^https?:\/\//, '')
  const items: MenuItem[] = [
    ...(url ? [{ label: t('tile.open'), icon: 'external' as const, href: url }] : []),
    ...(canOperate
      ? [
          { label: t('minion.logs'), icon: 'list' as const, to: `/minions/${name}/logs` },
          ...powersOf(minion).map((verb) => ({
            label: t(`power.${verb}`),
            icon: verb === 'start' ? ('play' as const) : verb,
            run: () => void power(name, verb),
          })),
          ...(isServer(minion)
            ? []
            : [{ label: t('minion.settings'), icon: 'code' as const, to: `/minions/${name}/settings` }]),
        ]
      : []),
  ]
  return (
    <li class="tile" data-minion={name}>
      <div class="head">
        <span class="mark-icon">
          <Icon name={iconOf(minion, category)} />
        </span>
        <div class="who">
          <h3 class="title cut">
            <Link to={`/minions/${name}`}>{name}</Link>
          </h3>
          {url && host && status !== 'absent' ? (
            <a class="address cut above faint" href={url} target="_blank" rel="noreferrer">
              {host}
            </a>
          ) : (
            <span class="address cut faint">{kindText(minion)}</span>
          )}
        </div>
        <div class="above">
          <Menu label={t('tile.menu', { name })} items={items}>
            <Icon name="more" />
          </Menu>
        </div>
      </div>
      <div class="row">
        <StatusBadge status={status} />
        {minion.version && <span class="small faint numbers">{minion.version}</span>}
      </div>
      <p class="truth">
        <Rich text={reasonText(minion) ?? truth} />
      </p>
    </li>
  )
})
