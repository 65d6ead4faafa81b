/** SonarQube: one webhook for all projects. */
import { list, text } from '../sources/reading.ts'
import type { Connector } from './connector.ts'
import { basic } from './tool.ts'

export const sonarqube: Connector = {
  service: 'sonarqube',
  async register({ url, base, secret, kept }, { ask }) {
    const headers = basic('admin', kept['SONARQUBE_ADMIN_PASSWORD'] ?? '')
    const { body: before } = await ask('GET', '/api/webhooks/list', { headers })
    await ask('POST', '/api/webhooks/create', { headers, form: { name: 'Summoner', url, secret } })
    for (const old of list(before, 'webhooks'))
      if (text(old, 'url')?.startsWith(base))
        await ask('POST', '/api/webhooks/delete', { headers, form: { webhook: text(old, 'key') ?? '' } })
    return {}
  },
}
