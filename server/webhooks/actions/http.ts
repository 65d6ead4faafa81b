/** Any address that takes JSON, signed as Standard Webhooks has it when the channel has a secret. */
import { createHmac } from 'node:crypto'
import { asMarkdown } from '../message.ts'
import { toPlain } from '../markdown.ts'
import { judged, objectOf, request, textIn, type Action, type Judge } from './action.ts'

/** Later steps of a recipe read the answer as `steps.NAME.body`. */
const judge: Judge = (reply, now) => {
  const outcome = judged(reply, now)
  return outcome.ok ? { ...outcome, value: { status: reply.status, body: objectOf(reply.body) } } : outcome
}

export const httpRequest: Action = {
  rate: { perSecond: 1000, burst: 1000 },
  joins: false,
  parts: (call, target, about) => {
    const body = JSON.stringify(bodyOf(call))
    const timestamp = String(Math.floor(about.now / 1000))
    const method = (call.action === 'request' && call.method) || textIn(target, 'method') || 'POST'
    const [secret, token] = [textIn(target, 'secret'), textIn(target, 'token')]
    const headers = {
      'webhook-id': about.id,
      'webhook-timestamp': timestamp,
      ...(secret === '' ? {} : { 'webhook-signature': signatureOf(secret, about.id, timestamp, body) }),
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    }
    return [request({ method, url: textIn(target, 'url'), headers, body }, about, judge)]
  },
}

function bodyOf(call: Parameters<Action['parts']>[0]): unknown {
  if (call.action === 'request') return call.body ?? {}
  return call.action === 'post' ? { ...call.message, text: toPlain(asMarkdown(call.message)) } : {}
}

/** `whsec_` is followed by base64; anything else is taken as it is. */
export function signatureOf(secret: string, id: string, timestamp: string, body: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
