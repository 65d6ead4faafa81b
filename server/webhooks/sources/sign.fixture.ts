/** What each tool does to a webhook before it sends it: the other side of `verify`, written anew. */
import { createHmac } from 'node:crypto'
import type { SourceTypeName } from './source.ts'

interface Unsigned {
  raw: Buffer
  secret: string
  /** Milliseconds since the epoch. */
  at: number
}

type Sign = (call: Unsigned) => Record<string, string>

const hmac = (secret: string | Buffer, raw: Buffer, algorithm = 'sha256') =>
  createHmac(algorithm, secret).update(raw).digest('hex')
const inBearer: Sign = ({ secret }) => ({ authorization: `Bearer ${secret}` })
const inBody: Sign = () => ({})

export const standardHeaders = ({
  raw,
  secret,
  at,
  id = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
}: Unsigned & { id?: string }): Record<string, string> => {
  const timestamp = String(Math.floor(at / 1000))
  const key = Buffer.from(secret.replace('whsec_', ''), secret.startsWith('whsec_') ? 'base64' : 'base64url')
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), raw])
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
  }
}

export const signs: Record<SourceTypeName, Sign> = {
  alertmanager: inBearer,
  forgejo: ({ raw, secret }) => ({
    'x-forgejo-signature': hmac(secret, raw),
    'x-gitea-signature': hmac(secret, raw),
    'x-hub-signature-256': `sha256=${hmac(secret, raw)}`,
  }),
  generic: inBearer,
  ghost: ({ raw, secret, at }) => ({
    'x-ghost-signature': `sha256=${hmac(secret, Buffer.concat([raw, Buffer.from(String(at))]))}, t=${at}`,
  }),
  gitea: ({ raw, secret }) => ({
    'x-gitea-signature': hmac(secret, raw),
    'x-hub-signature-256': `sha256=${hmac(secret, raw)}`,
  }),
  github: ({ raw, secret }) => ({ 'x-hub-signature-256': `sha256=${hmac(secret, raw)}` }),
  gitlab: ({ secret }) => ({ 'x-gitlab-token': secret }),
  kibana: inBearer,
  mattermost: inBody,
  n8n: inBearer,
  nextcloud: ({ secret }) => ({ 'x-summoner-token': secret }),
  registry: inBearer,
  sonarqube: ({ raw, secret }) => ({ 'x-sonar-webhook-hmac-sha256': hmac(secret, raw) }),
  'standard-webhooks': standardHeaders,
  taiga: ({ raw, secret }) => ({
    'x-taiga-webhook-signature': hmac(secret, raw, 'sha1'),
    'x-hub-signature': `sha1=${hmac(secret, raw, 'sha1')}`,
  }),
  'uptime-kuma': inBearer,
  wekan: ({ secret }) => ({ 'x-wekan-token': secret }),
  wordpress: standardHeaders,
}

/** What of the body each of them covers: a change of it must be noticed. */
export const coversBody: readonly SourceTypeName[] = [
  'forgejo',
  'ghost',
  'gitea',
  'github',
  'sonarqube',
  'standard-webhooks',
  'taiga',
  'wordpress',
]
export const coversTime: readonly SourceTypeName[] = ['ghost', 'standard-webhooks', 'wordpress']
