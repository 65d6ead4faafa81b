/** Kibana's webhook connector (or Watcher): the body is a template of ours, shown in the steps. */
import { text } from './reading.ts'
import type { SourceType } from './source.ts'
import { staticHeader } from './verify.ts'

const OVER = /^(recovered|resolved|ok)$/i

export const kibana: SourceType = {
  name: 'kibana',
  title: 'Kibana and Elastic',
  accepts: ['json'],
  proves: true,
  verify: staticHeader,
  normalise(body) {
    const rule = text(body, 'rule') ?? 'An alert'
    const group = text(body, 'group') ?? ''
    const over = OVER.test(group)
    const reason = text(body, 'reason')
    return {
      type: over ? 'alert.resolved' : 'alert.firing',
      title: `${rule} is ${over ? 'over' : 'firing'}${reason ? `: ${reason}` : ''}`,
      subject: rule,
      url: text(body, 'url'),
      time: text(body, 'date'),
      data: { alert: text(body, 'alertId'), rule: text(body, 'ruleId'), group, reason },
    }
  },
  words: ['alert.firing', 'alert.resolved'],
  steps: {
    en: 'Stack Management > Connectors > Create > Webhook: POST, the URL, a header Authorization with the value “Bearer SECRET”. In the rule’s action (run also when recovered) the body is {"rule":"{{rule.name}}","ruleId":"{{rule.id}}","alertId":"{{alert.id}}","group":"{{alert.actionGroup}}","date":"{{date}}","reason":"{{context.reason}}","url":"{{rule.url}}"}.',
    fr: 'Stack Management > Connectors > Create > Webhook : POST, l’URL, un en-tête Authorization de valeur « Bearer SECRET ». Dans l’action de la règle (aussi au retour à la normale), le corps est {"rule":"{{rule.name}}","ruleId":"{{rule.id}}","alertId":"{{alert.id}}","group":"{{alert.actionGroup}}","date":"{{date}}","reason":"{{context.reason}}","url":"{{rule.url}}"}.',
  },
}
