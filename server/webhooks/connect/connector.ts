/** The tools that Summoner can register itself in: what is run inside the container of the minion. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SourceTypeName } from '../sources/source.ts'

export interface Registration {
  url: string
  secret: string
  /** Address of the minion itself. */
  site: string
  /** Values of its `.env`. */
  kept: Readonly<Record<string, string>>
}

export interface Connector {
  service: string
  /** It refuses private addresses, so that the hooks must have a public one. */
  outside?: true
  user: string
  argv(): string[]
  /** Secrets travel here, never in arguments. */
  env(registration: Registration): Record<string, string>
}

const read = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8')

export const connectors: Partial<Record<SourceTypeName, Connector>> = {
  wordpress: {
    service: 'wordpress',
    user: '33:33',
    argv: () => ['php', '-r', read('wordpress.php')],
    env: ({ url, secret, site }) => ({
      HOOK_URL: url,
      HOOK_SECRET: secret,
      HOOK_PLUGIN: Buffer.from(read('summoner-hooks.php')).toString('base64'),
      SITE_URL: site,
    }),
  },
  ghost: {
    service: 'ghost',
    outside: true,
    user: '1000:1000',
    argv: () => ['node', '--input-type=module', '-e', read('ghost.mjs')],
    env: ({ url, secret, kept }) => ({
      HOOK_URL: url,
      HOOK_SECRET: secret,
      OWNER_EMAIL: kept['GHOST_OWNER_EMAIL'] ?? '',
      OWNER_PASSWORD: kept['GHOST_OWNER_PASSWORD'] ?? '',
    }),
  },
}
