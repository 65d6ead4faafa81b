/** Ghost: an integration of our own with its webhooks, made by node inside the container. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Connector } from './connector.ts'

export const ghost: Connector = {
  service: 'ghost',
  outside: true,
  async register({ url, secret, kept }, { run }) {
    const script = readFileSync(join(import.meta.dirname, 'ghost.mjs'), 'utf8')
    await run(['node', '--input-type=module', '-e', script], {
      user: '1000:1000',
      env: {
        HOOK_URL: url,
        HOOK_SECRET: secret,
        OWNER_EMAIL: kept['GHOST_OWNER_EMAIL'] ?? '',
        OWNER_PASSWORD: kept['GHOST_OWNER_PASSWORD'] ?? '',
      },
    })
    return {}
  },
}
