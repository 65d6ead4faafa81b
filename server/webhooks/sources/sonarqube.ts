/** SonarQube: an HMAC of the body; sent when an analysis ends and when the gate changes. */
import { list, text } from './reading.ts'
import type { SourceType } from './source.ts'
import { hmacIn } from './verify.ts'

export const sonarqube: SourceType = {
  name: 'sonarqube',
  title: 'SonarQube',
  accepts: ['json'],
  proves: true,
  verify: hmacIn('x-sonar-webhook-hmac-sha256'),
  normalise(body) {
    const name = text(body, 'project', 'name') ?? text(body, 'project', 'key') ?? 'A project'
    const ref = text(body, 'branch', 'name')
    const gate = text(body, 'qualityGate', 'status')
    const failed = list(body, 'qualityGate', 'conditions').filter(
      (condition) => text(condition, 'status') === 'ERROR',
    )
    const facts = {
      subject: name,
      url: text(body, 'branch', 'url') ?? text(body, 'project', 'url'),
      project: text(body, 'project', 'key'),
      time: text(body, 'changedAt') ?? text(body, 'analysedAt'),
      data: {
        ref,
        status: text(body, 'status'),
        gate: text(body, 'qualityGate', 'name'),
        failed: failed.map((condition) => text(condition, 'metric')),
        revision: text(body, 'revision'),
      },
    }
    const on = ref === undefined ? '' : ` on ${ref}`
    if (gate === undefined && text(body, 'status') !== 'SUCCESS')
      return { type: 'analysis.failed', title: `The analysis of ${name} failed${on}`, ...facts }
    return gate === 'ERROR'
      ? { type: 'quality-gate.failed', title: `${name} fails its quality gate${on}`, ...facts }
      : { type: 'quality-gate.passed', title: `${name} passes its quality gate${on}`, ...facts }
  },
  words: ['quality-gate.failed', 'quality-gate.passed', 'analysis.failed'],
  steps: {
    en: 'Administration > Configuration > Webhooks > Create (or in a project: Project settings > Webhooks): the URL and the secret. For a SonarQube on this box, sonar.validateWebhooks=false allows addresses of this machine.',
    fr: 'Administration > Configuration > Webhooks > Créer (ou dans un projet : Project settings > Webhooks) : l’URL et le secret. Pour un SonarQube de cette machine, sonar.validateWebhooks=false autorise les adresses de cette machine.',
  },
}
