/** WordPress sends no webhooks of its own: a plugin does. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Connector } from './connector.ts'

const read = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8')

export const wordpress: Connector = {
  service: 'wordpress',
  async register({ url, secret, site }, { run }) {
    await run(['php', '-r', read('wordpress.php')], {
      user: '33:33',
      env: {
        HOOK_URL: url,
        HOOK_SECRET: secret,
        HOOK_PLUGIN: Buffer.from(read('summoner-hooks.php')).toString('base64'),
        SITE_URL: site,
      },
    })
    return {}
  },
}
