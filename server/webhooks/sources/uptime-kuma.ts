/** Uptime Kuma: JSON of a heartbeat; its test has none. */
import { number, text } from './reading.ts'
import type { SourceType } from './source.ts'
import { staticHeader } from './verify.ts'
import type { EventWord } from './vocabulary.ts'

const STATES: readonly (readonly [EventWord, string])[] = [
  ['monitor.down', 'down'],
  ['monitor.up', 'up'],
  ['monitor.pending', 'pending'],
  ['monitor.maintenance', 'under maintenance'],
]

export const uptimeKuma: SourceType = {
  name: 'uptime-kuma',
  title: 'Uptime Kuma',
  accepts: ['json'],
  proves: true,
  verify: staticHeader,
  normalise(body) {
    const name = text(body, 'monitor', 'name')
    const [type, how] = STATES[number(body, 'heartbeat', 'status') ?? -1] ?? []
    const message = text(body, 'heartbeat', 'msg') ?? text(body, 'msg')
    // a test, or a notice about a certificate
    if (type === undefined || how === undefined)
      return { type: 'ping', title: `Uptime Kuma: ${message ?? 'the connection works'}`, data: { message } }
    return {
      type,
      title: `${name ?? 'A monitor'} is ${how}${message ? `: ${message}` : ''}`,
      subject: name,
      url: text(body, 'monitor', 'url'),
      time: text(body, 'heartbeat', 'time'),
      data: {
        monitor: name,
        message,
        kind: text(body, 'monitor', 'type'),
        ping: number(body, 'heartbeat', 'ping'),
      },
    }
  },
  words: ['monitor.down', 'monitor.up', 'monitor.pending', 'monitor.maintenance', 'ping'],
  steps: {
    en: 'Settings > Notifications > Setup > Webhook: Post URL the URL, request body application/json, additional headers {"Authorization": "Bearer SECRET"}; then Test.',
    fr: 'Paramètres > Notifications > Ajouter > Webhook : l’URL, corps application/json, en-têtes supplémentaires {"Authorization": "Bearer SECRET"} ; puis Tester.',
  },
}
