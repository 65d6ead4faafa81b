/** Alerts and monitors. */
import type { Word } from './word.ts'

const monitor = (how: string) => ({
  title: `Shop is ${how}`,
  subject: 'Shop',
  url: 'https://shop.example.org',
  data: { monitor: 'Shop', message: 'connect ECONNREFUSED' },
})
const alert = (how: string) => ({
  title: `DiskFull is ${how}: / is 95 % full`,
  subject: 'DiskFull',
  url: 'https://alerts.example.org',
  data: { alert: 'DiskFull' },
})

export const WATCHING = {
  'alert.firing': {
    en: 'An alert is raised',
    fr: 'Une alerte est levée',
    severity: 'error',
    sample: alert('firing'),
  },
  'alert.resolved': { en: 'An alert is over', fr: 'Une alerte est terminée', sample: alert('resolved') },
  'monitor.down': {
    en: 'A monitor is down',
    fr: 'Une surveillance est en panne',
    severity: 'error',
    sample: monitor('down'),
  },
  'monitor.up': { en: 'A monitor is up', fr: 'Une surveillance est rétablie', sample: monitor('up') },
  'monitor.pending': {
    en: 'A monitor is in doubt',
    fr: 'Une surveillance est incertaine',
    severity: 'warning',
    sample: monitor('pending'),
  },
  'monitor.maintenance': {
    en: 'A monitor is under maintenance',
    fr: 'Une surveillance est en maintenance',
    sample: monitor('under maintenance'),
  },
} as const satisfies Record<string, Word>
