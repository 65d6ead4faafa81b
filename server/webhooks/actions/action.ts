/** An action: how one type of target is told. Each is a small file; all of them keep the one conformance suite. */
import { retryAfter, type Outcome } from '../delivery.ts'
import type { Outgoing, OutgoingRequest, Reply } from '../outgoing.ts'
import { RefusedAddress } from '../outgoing.ts'
import type { MinionVerb } from '../recipe.ts'
import type { Call } from '../walk.ts'

/** The channel's settings with every secret in its place; only in memory, only while it is used. */
export type Target = Readonly<Record<string, unknown>>

/** About the delivery itself. */
export interface About {
  /** The same in every try: receivers that know such ids never act twice. */
  id: string
  recipe: string
  /** Milliseconds. */
  now: number
}

export interface Letter {
  to: string[]
  subject: string
  text: string
  html: string
  id: string
}

/** What the world offers to an action. */
export interface Tools {
  send: Outgoing['send']
  mail(letter: Letter): Promise<Outcome>
  minion(verb: MinionVerb, name: string, about: About): Promise<Outcome>
  timeoutMs: number
}

/** One message or request; a long text makes several, and those that went through are not repeated. */
export type Part = (tools: Tools) => Promise<Outcome>

export interface Action {
  /** How often the target wants to be told, in the words of its documentation. */
  rate: { perSecond: number; burst: number }
  /** Several messages of a burst may become one. */
  joins: boolean
  parts(call: Call, target: Target, about: About): Part[]
}

export type Judge = (reply: Reply, now: number) => Outcome

/** A request as a part: network errors are tried again, refusals of the target are judged. */
export function request(
  make: Omit<OutgoingRequest, 'headers'> & { headers?: Record<string, string> },
  about: About,
  judge: Judge = judged,
): Part {
  return async ({ send, timeoutMs }) => {
    const headers = {
      ...(make.body === undefined ? {} : { 'content-type': 'application/json' }),
      'idempotency-key': about.id,
      ...make.headers,
    }
    try {
      return judge(await send({ ...make, headers }, timeoutMs), about.now)
    } catch (error) {
      return { ok: false, error: (error as Error).message, retry: !(error instanceof RefusedAddress) }
    }
  }
}

export const postJson = (url: string, body: unknown, about: About, judge?: Judge) =>
  request({ method: 'POST', url, body: JSON.stringify(body) }, about, judge)

/** Beside 5xx: a target that is busy, or asks for patience. */
const PASSING = new Set([408, 423, 425, 429])

/** 2xx is a success, and nothing else: a redirect would carry the message to somebody who was not named. */
export const judged: Judge = (reply, now) => {
  const { status, headers } = reply
  if (status >= 200 && status < 300) return { ok: true, status }
  const wait = retryAfter(headers['retry-after'], now)
  return {
    ok: false,
    status,
    error: refusalOf(reply),
    retry: PASSING.has(status) || status >= 500,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  }
}

/** As `judged`, but the wait stands in the answer's body. */
export const judgedBy =
  (waitIn: (body: Record<string, unknown>) => unknown): Judge =>
  (reply, now) => {
    const outcome = judged(reply, now)
    const wait = outcome.ok ? undefined : waitIn(objectOf(reply.body))
    return outcome.ok || typeof wait !== 'number' || wait < 0 ? outcome : { ...outcome, retryAfterMs: wait }
  }

export function refusalOf({ status, headers, body }: Reply): string {
  if (status >= 300 && status < 400)
    return `it answered ${status}: the address moved${headers['location'] === undefined ? '' : ', give the new one'}`
  const said = body.replace(/\s+/gu, ' ').trim().slice(0, 200)
  return said === '' ? `it answered ${status}` : `it answered ${status}: ${said}`
}

export function objectOf(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Text settings of a target. */
export function textIn(target: Target, key: string): string {
  const value = target[key]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

/** The message of a call that says something. */
export function messageOf(call: Call) {
  return call.action === 'post' || call.action === 'mail' ? call.message : { text: '' }
}

/** Numbers the parts, so that each has an id of its own. */
export const partOf = (about: About, index: number): About =>
  index === 0 ? about : { ...about, id: `${about.id}-${index + 1}` }
