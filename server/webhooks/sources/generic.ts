/** Anything that can send JSON or a form, n8n among it; and Standard Webhooks, which names the type itself. */
import { at, text, word } from './reading.ts'
import type { Body, Call, Said, SourceType, Verdict } from './source.ts'
import { header, hmacIn, standardWebhooks, staticHeader } from './verify.ts'

const SEVERITIES = ['info', 'warning', 'error'] as const

/** The sender may use an event's own words; what it does not say is guessed from common ones. */
function plain(body: Body, call: Call, fallback: string): Said {
  const type = word(call.event ?? text(body, 'type') ?? text(body, 'event')) ?? 'received'
  const said = text(body, 'title') ?? text(body, 'message') ?? text(body, 'text') ?? text(body, 'subject')
  return {
    type,
    severity: SEVERITIES.find((one) => one === text(body, 'severity')),
    title: said ?? `${fallback}: ${type}`,
    actor: {
      name:
        text(body, 'actor', 'name') ??
        text(body, 'actor') ??
        text(body, 'user', 'name') ??
        text(body, 'user'),
      username: text(body, 'actor', 'username') ?? text(body, 'user', 'username'),
      email: text(body, 'actor', 'email') ?? text(body, 'user', 'email'),
    },
    subject: text(body, 'subject'),
    url: text(body, 'url') ?? text(body, 'link'),
    project: text(body, 'project'),
    time: text(body, 'time') ?? text(body, 'timestamp'),
    // `data.…` of the event is `data.…` of the sender, or its whole body
    data: inner(body) ?? body,
  }
}

function inner(body: Body): Record<string, unknown> | undefined {
  const data = at(body, 'data')
  return data !== null && typeof data === 'object' && !Array.isArray(data)
    ? (data as Record<string, unknown>)
    : undefined
}

/** The secret in a header, or an HMAC of the body: what the sender can do. */
function either(call: Call, secret: string): Verdict {
  return header(call.headers, 'x-hub-signature-256') === ''
    ? staticHeader(call, secret)
    : hmacIn('x-hub-signature-256', { prefix: 'sha256=' })(call, secret)
}

export const generic: SourceType = {
  name: 'generic',
  title: 'Anything else',
  accepts: ['json', 'form', 'none'],
  proves: false,
  verify: either,
  deliveryId: ({ headers }) =>
    header(headers, 'idempotency-key') || header(headers, 'webhook-id') || undefined,
  normalise: (body, call) => plain(body, call, 'A webhook'),
  words: ['received'],
  steps: {
    en: 'POST JSON or a form to the URL. Where the sender can add a header, also send “Authorization: Bearer SECRET”; name the secret in the source as `secret` to demand it. Known fields: type, title, severity, actor, subject, url, project, time, data.',
    fr: 'Envoyez du JSON ou un formulaire par POST à l’URL. Si l’expéditeur peut ajouter un en-tête, envoyez aussi « Authorization: Bearer SECRET » ; nommez le secret dans la source (`secret`) pour l’exiger. Champs connus : type, title, severity, actor, subject, url, project, time, data.',
  },
}

export const n8n: SourceType = {
  ...generic,
  name: 'n8n',
  title: 'n8n',
  proves: true,
  normalise: (body, call) => plain(body, call, 'n8n'),
  steps: {
    en: 'In a workflow: an HTTP Request node, POST, the URL, authentication Header Auth with the name Authorization and the value “Bearer SECRET”, body JSON with type, title and whatever the recipes need below data.',
    fr: 'Dans un flux : un nœud HTTP Request, POST, l’URL, authentification Header Auth de nom Authorization et de valeur « Bearer SECRET », corps JSON avec type, title et sous data ce dont les recettes ont besoin.',
  },
}

export const standard: SourceType = {
  ...generic,
  name: 'standard-webhooks',
  title: 'Standard Webhooks',
  accepts: ['json'],
  proves: true,
  secretForm: 'whsec',
  verify: standardWebhooks,
  deliveryId: ({ headers }) => header(headers, 'webhook-id') || undefined,
  normalise: (body, call) => plain(body, call, 'A webhook'),
  steps: {
    en: 'Give the sender the URL and the secret (whsec_…). It signs each webhook as standardwebhooks.com describes.',
    fr: 'Donnez à l’expéditeur l’URL et le secret (whsec_…). Il signe chaque webhook comme le décrit standardwebhooks.com.',
  },
}
