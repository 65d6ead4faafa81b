/** What a source would make of a body that somebody has recorded: nothing is proven, kept or counted. */
import type { Config } from '../config/config.ts'
import { didYouMean } from '../config/suggest.ts'
import { SummonerError } from '../errors.ts'
import type { Event } from '../events/event.ts'
import { sourceTypes } from './sources/all.ts'
import { parseForm, parseJson } from './sources/parse-body.ts'
import { SOURCE_TYPES, type CallHeaders, type SourceTypeName } from './sources/source.ts'
import { factsOf } from './sources/tidy.ts'

export interface Recorded {
  /** A source of config.yml, or a type. */
  source: string
  headers?: Record<string, string>
  /** The last part of the address, for tools that name the event nowhere else. */
  event?: string
  /** JSON as it stands, or a text as it was sent. */
  body: unknown
}

const HINT =
  'Some tools name the event in a header: --header "X-GitHub-Event: push". A file may also hold {"headers": {…}, "body": {…}}.'

export function eventsOf(recorded: Recorded, config: Pick<Config, 'sources'>, now: Date): Event[] {
  const { name, type, minion } = sourceNamed(recorded.source, config)
  const sent = typeof recorded.body === 'string' ? recorded.body : JSON.stringify(recorded.body ?? {})
  const raw = Buffer.from(sent)
  const parsed = /^\s*[[{]/.test(sent) ? parseJson(raw) : parseForm(raw)
  if ('problem' in parsed)
    throw new SummonerError('recipe.event', `The body cannot be used. ${parsed.problem}`)
  const { body } = parsed
  const headers: CallHeaders = Object.fromEntries(
    Object.entries(recorded.headers ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
  )
  const call = { headers, event: recorded.event, raw, now: now.getTime() }
  const said = sourceTypes[type].normalise(body, call)
  const all = said === undefined ? [] : [said].flat()
  if (all.length === 0)
    throw new SummonerError('recipe.event', `${name} makes no event of such a webhook.`, { hint: HINT })
  return all.map((one) => {
    const facts = factsOf(one, body, raw.length)
    return {
      id: 0,
      at: now.toISOString(),
      source: name,
      ...(minion === undefined ? {} : { minion }),
      ...facts,
      severity: facts.severity ?? 'info',
      data: facts.data ?? {},
    }
  })
}

function sourceNamed(
  name: string,
  { sources }: Pick<Config, 'sources'>,
): { name: string; type: SourceTypeName; minion?: string } {
  const known = sources.find((source) => source.name === name)
  if (known) return known
  const type = SOURCE_TYPES.find((one) => one === name)
  if (type === undefined)
    throw new SummonerError(
      'source.unknown',
      `There is no source "${name}"${didYouMean(name, [...sources.map((one) => one.name), ...SOURCE_TYPES]) || '.'}`,
    )
  return { name: sources.find((source) => source.type === type)?.name ?? name, type }
}
