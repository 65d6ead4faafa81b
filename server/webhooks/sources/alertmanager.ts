/** Prometheus' Alertmanager: one body for a group of alerts. */
import { at, list, text } from './reading.ts'
import type { SourceType } from './source.ts'
import { staticHeader } from './verify.ts'

export const alertmanager: SourceType = {
  name: 'alertmanager',
  title: 'Alertmanager',
  accepts: ['json'],
  proves: true,
  verify: staticHeader,
  normalise(body) {
    const alerts = list(body, 'alerts')
    const over = text(body, 'status') === 'resolved'
    const first = alerts[0]
    const name =
      text(body, 'groupLabels', 'alertname') ??
      text(body, 'commonLabels', 'alertname') ??
      text(first, 'labels', 'alertname') ??
      'An alert'
    const summary =
      text(body, 'commonAnnotations', 'summary') ??
      text(first, 'annotations', 'summary') ??
      text(first, 'annotations', 'description')
    const severity = text(body, 'commonLabels', 'severity')
    return {
      type: over ? 'alert.resolved' : 'alert.firing',
      severity: over || severity === 'info' ? 'info' : severity === 'warning' ? 'warning' : 'error',
      title: `${name} is ${over ? 'over' : 'firing'}${summary ? `: ${summary}` : ''}`,
      subject: name,
      url: text(first, 'generatorURL') ?? text(body, 'externalURL'),
      time: text(first, over ? 'endsAt' : 'startsAt'),
      data: {
        alert: name,
        labels: at(body, 'commonLabels'),
        group: text(body, 'groupKey'),
        count: alerts.length,
        instances: alerts.slice(0, 50).flatMap((alert) => text(alert, 'labels', 'instance') ?? []),
      },
    }
  },
  words: ['alert.firing', 'alert.resolved'],
  steps: {
    en: 'In alertmanager.yml, in a receiver: webhook_configs: [{url: "THE URL", send_resolved: true, timeout: 10s, http_config: {authorization: {type: Bearer, credentials: "THE SECRET"}}}]; then reload it.',
    fr: 'Dans alertmanager.yml, chez un receiver : webhook_configs : [{url: "L’URL", send_resolved: true, timeout: 10s, http_config: {authorization: {type: Bearer, credentials: "LE SECRET"}}}] ; puis rechargez-le.',
  },
}
