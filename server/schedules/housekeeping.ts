/** What keeps the box itself in order, by the clock. */
import type { Schedule } from './schedule.ts'

type Chore = Schedule['run']

interface Chores {
  lookAtDisks: Chore
  lookForUpdates: Chore
  renewCertificates: Chore
  forgetCertificates: Chore
  rotateLogs: Chore
}

export function housekeeping(chores: Chores): Schedule[] {
  const chore = (key: string, title: string, cron: string, run: Chore): Schedule => ({
    key,
    title,
    cron,
    always: true,
    run,
  })
  return [
    chore('disks', 'look at the disks', '*/5 * * * *', chores.lookAtDisks),
    chore('updates', 'look for minions that may be updated', '30 5 * * *', chores.lookForUpdates),
    // twice a day is often enough for leaves of 90 days; what is due sooner has a timer of its own
    chore('proxy', 'renewal of certificates', '0 5,17 * * *', chores.renewCertificates),
    chore(
      'stale-certificates',
      'removal of certificates that nobody needs',
      '20 4 * * *',
      chores.forgetCertificates,
    ),
    chore('rotate-logs', 'rotation of logs', '10 0 * * *', chores.rotateLogs),
  ]
}
