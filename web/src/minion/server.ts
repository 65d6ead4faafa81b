/** What the box runs for itself: the proxy, and servers of shared databases, which come and go with those that use them. */
import type { Minion } from '../../../server/minions/minion.ts'
import { t } from '../i18n/i18n.ts'
import { categoryIcon, type IconName } from '../parts/icon.tsx'

export const isServer = ({ template }: Pick<Minion, 'template'>): boolean => template.startsWith('databases-')

/** Nobody summons or dismisses it. */
export const ofTheBox = (minion: Pick<Minion, 'template'>): boolean =>
  minion.template === 'nginx' || isServer(minion)

/** In words, for what has no address of its own. */
export const kindText = (minion: Pick<Minion, 'template'>): string =>
  isServer(minion) ? t('tile.server') : minion.template === 'nginx' ? t('tile.proxy') : minion.template

export const iconOf = (minion: Pick<Minion, 'template'>, category: string | undefined): IconName =>
  isServer(minion) ? 'database' : minion.template === 'nginx' ? 'shield' : categoryIcon(category)
