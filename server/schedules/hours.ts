/** When schedules may begin, as config.yml says. */
import type { Config } from '../config/config.ts'
import type { Hours } from './schedule.ts'

export const hoursOf = ({ timezone, backups }: Pick<Config, 'timezone' | 'backups'>): Hours => ({
  zone: timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  quiet: backups.quiet ?? [],
  windows: backups.windows ?? [],
  jitter: backups.jitter ?? 0,
})
