/** Nextcloud: its own app for webhooks, switched on by occ; one listener for each event, by its OCS interface. */
import { list, text } from '../sources/reading.ts'
import type { Connector } from './connector.ts'
import { basic } from './tool.ts'

const EVENTS = ['Created', 'Written', 'Renamed', 'Copied', 'Deleted'].map(
  (done) => `OCP\\Files\\Events\\Node\\Node${done}Event`,
)
const PATH = '/ocs/v2.php/apps/webhook_listeners/api/v1/webhooks'

export const nextcloud: Connector = {
  service: 'nextcloud',
  async register({ url, base, secret, kept }, { run, ask }) {
    const occ = async (...words: string[]) => run(['php', 'occ', ...words], { user: '33:33' })
    await occ('app:enable', 'webhook_listeners')
    // this box is a private address to it
    await occ('config:system:set', 'allow_local_remote_servers', '--type=boolean', '--value=true')
    const headers = {
      ...basic(kept['NEXTCLOUD_ADMIN_USER'] ?? '', kept['NEXTCLOUD_ADMIN_PASSWORD'] ?? ''),
      'ocs-apirequest': 'true',
    }
    const before = list((await ask('GET', `${PATH}?format=json`, { headers })).body, 'ocs', 'data')
    for (const event of EVENTS)
      await ask('POST', `${PATH}?format=json`, {
        headers,
        json: {
          httpMethod: 'POST',
          uri: url,
          event,
          headers: { 'Content-Type': 'application/json' },
          authMethod: 'header',
          authData: { 'X-Summoner-Token': secret },
        },
      })
    for (const old of before)
      if (text(old, 'uri')?.startsWith(base))
        await ask('DELETE', `${PATH}/${text(old, 'id')}?format=json`, { headers })
    return { note: 'Nextcloud tells from its background jobs, so up to five minutes later.' }
  },
}
