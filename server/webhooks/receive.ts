/** One webhook from its bytes to the disk: proof, body, meaning, commit. Every refusal is counted with its reason. */
import type { CallHeaders, Said, SourceType, Verdict } from './sources/source.ts'
import { SummonerError } from '../errors.ts'
import type { NewEvent } from '../events/event.ts'
import type { createCounts, Refusal } from './inbox-counts.ts'
import { keyOf, type Inbox } from './inbox.ts'
import type { Admission } from './sources.ts'
import { parseForm, parseJson } from './sources/parse-body.ts'
import { factsOf } from './sources/tidy.ts'

const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json(?:; ?charset=utf-8)?$/i
const FORM_TYPE = /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i

export type Form = 'json' | 'form'

/** Undefined when the source does not take it. RFC 9110 allows more spellings; parsers that disagreed on them were holes. */
export function formOf(type: SourceType, contentType: string | undefined): Form | undefined {
  if (contentType === undefined) return type.accepts.includes('none') ? 'json' : undefined
  if (JSON_TYPE.test(contentType) && type.accepts.includes('json')) return 'json'
  return FORM_TYPE.test(contentType) && type.accepts.includes('form') ? 'form' : undefined
}

export interface Received {
  admission: Admission
  form: Form
  headers: CallHeaders
  event: string | undefined
  raw: Buffer
}

interface ReceiveDeps {
  inbox: Inbox
  counts: ReturnType<typeof createCounts>
  now(): Date
  onBroken(error: unknown, source: string): void
}

export const refuse = (reason: Refusal, detail: string): SummonerError =>
  new SummonerError(CODES[reason], detail)

const CODES = {
  token: 'hook.unknown',
  rate: 'request.rate',
  encoding: 'request.type',
  'content-type': 'request.type',
  'too-large': 'request.too-large',
  slow: 'hook.slow',
  signature: 'hook.refused',
  timestamp: 'hook.stale',
  malformed: 'hook.malformed',
} as const satisfies Record<Refusal, string>

export function createReceiver({ inbox, counts, now, onBroken }: ReceiveDeps) {
  return async ({ admission, form, headers, event, raw }: Received) => {
    const { wish, type, tokenId, open, secrets } = admission
    const source = wish.name
    const at = now().getTime()
    const call = { headers, event, raw, now: at }
    const refused = (reason: Refusal, detail: string) => {
      counts.refused(source, reason, wish.minion)
      return refuse(reason, detail)
    }

    const verdict = open ? undefined : best(secrets.map((secret) => type.verify(call, secret)))
    if (verdict === 'signature')
      throw refused('signature', `It is not signed with the secret of the source "${source}".`)
    if (verdict === 'timestamp')
      throw refused('timestamp', 'It was signed more than 5 minutes ago, or ahead.')

    // some tools send nothing at all for a test
    const parsed = raw.length === 0 ? { body: {} } : form === 'json' ? parseJson(raw) : parseForm(raw)
    if ('problem' in parsed) throw refused('malformed', `The body cannot be used. ${parsed.problem}`)
    const { body } = parsed

    const id = type.deliveryId?.(call, body)
    const parts = meaningOf(
      type,
      () => type.normalise(body, call),
      (error) => onBroken(error, source),
    ).map((said, index) => {
      const facts = factsOf(said, body, raw.length)
      const fresh: NewEvent = { ...facts, source, ...(wish.minion ? { minion: wish.minion } : {}) }
      const key =
        said.id === undefined ? keyOf(id, { raw, event }, index, at) : keyOf(said.id, { raw, event }, 0, at)
      return { source, ...key, event: fresh }
    })
    const isNew = parts.length > 0 && (await inbox.take(parts))
    counts.taken(source, tokenId, parts.length > 0 && !isNew)
    return type.answer?.(body) ?? { status: 202 as const, body: {} }
  }
}

/** The best of several secrets; a good signature with a bad time stays one. */
function best(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(undefined)) return undefined
  return verdicts.includes('timestamp') ? 'timestamp' : 'signature'
}

/** A body that a source cannot make sense of is an event all the same: nothing that was proven is lost. */
function meaningOf(
  type: SourceType,
  normalise: () => Said | Said[] | undefined,
  onBroken: (error: unknown) => void,
): Said[] {
  try {
    const said = normalise()
    return said === undefined ? [] : Array.isArray(said) ? said : [said]
  } catch (error) {
    onBroken(error)
    return [
      { type: 'received', severity: 'warning', title: `A webhook of ${type.title} that could not be read` },
    ]
  }
}
