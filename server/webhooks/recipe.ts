/** A recipe: `on` (which events) + `if` (conditions) + `do` (a chain of steps), as written in config.yml. */
import { Type } from 'typebox'
import { NAME } from '../config/config.ts'
import { DURATION } from './duration.ts'

export type Condition = Condition[] | { and: Condition[] } | { or: Condition[] } | { not: Condition } | Test

export interface Test {
  path: string
  equals?: unknown
  in?: unknown[]
  contains?: unknown
  matches?: string
  glob?: string | string[]
  compare?: { gt?: unknown; gte?: unknown; lt?: unknown; lte?: unknown }
  exists?: boolean
  /** Differs from what it was at the event before, of the same source and subject. */
  changed?: boolean
}

export const MINION_VERBS = ['start', 'stop', 'restart', 'redeploy', 'backup', 'dump'] as const
export type MinionVerb = (typeof MINION_VERBS)[number]

export interface Step {
  /** Later steps read its result as `steps.<as>`. */
  as?: string
  if?: Condition
  else?: Step[]
  do?: Step[]
  foreach?: { in: string; do: Step[]; max?: number }
  parallel?: Step[]
  post?: { channel: string | string[]; text: string; title?: string; url?: string }
  mail?: { to: string; text: string; subject?: string }
  request?: { channel: string; body?: unknown; method?: string }
  card?: { channel: string; title: string; text?: string }
  issue?: { channel: string; title: string; text?: string; labels?: string[] }
  minion?: { [Verb in MinionVerb]?: string }
  run?: string
  delay?: string
  throttle?: { per: string; count?: number; by?: string }
  group?: { for: string; by?: string; max?: number; text?: string }
  on_failure?: Step[]
}

export interface QuietHours {
  from: string
  to: string
  /** Events of this severity and above are told at once. */
  except?: 'warning' | 'error'
  /** What happens to the messages: they wait for the end (default), or are left out. */
  messages?: 'wait' | 'drop'
}

export interface Recipe {
  name: string
  on: { type?: string | string[]; source?: string | string[] }
  if?: Condition
  do: Step[]
  enabled?: boolean
  quiet_hours?: QuietHours
}

/** Keys of a step that say what it does; each step has exactly one. */
export const ACTION_KEYS = ['post', 'mail', 'request', 'card', 'issue', 'minion', 'run'] as const
export const BLOCK_KEYS = ['do', 'foreach', 'parallel'] as const
export type ActionKey = (typeof ACTION_KEYS)[number]

const closed = (properties: object, required: string[] = [], description?: string) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length > 0 ? { required } : {}),
  ...(description === undefined ? {} : { description }),
})
const list = (items: object, minItems = 1, maxItems = 100) => ({ type: 'array', items, minItems, maxItems })
const text = (maxLength: number, more: object = {}) => ({ type: 'string', minLength: 1, maxLength, ...more })
const oneOrMore = (item: object) => ({ anyOf: [item, list(item)] })
const choice = (...words: string[]) => ({ anyOf: words.map((word) => ({ const: word, type: 'string' })) })

const name = { type: 'string', pattern: NAME, description: 'a name' }
const template = text(10_000)
const shortTemplate = text(1_000)
const duration = { type: 'string', pattern: DURATION, description: 'a duration like 30s, 5m, 2h or 1d' }
const count = (maximum: number) => ({ type: 'integer', minimum: 1, maximum })
const clock = {
  type: 'string',
  pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
  description: 'a time of day like "22:00"',
}
const path = {
  type: 'string',
  pattern: '^[A-Za-z_][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+){0,20}$',
  maxLength: 300,
  description: 'a path like data.ref',
}

/** Refers to itself: conditions hold conditions, steps hold steps. The reader walks a document, which ends. */
const condition: { anyOf: object[] } = { anyOf: [] }
condition.anyOf.push(
  closed({
    and: list(condition),
    or: list(condition),
    not: condition,
    path,
    equals: {},
    in: list({}, 1, 1000),
    contains: {},
    matches: text(1_000),
    glob: oneOrMore(text(300)),
    compare: closed({ gt: {}, gte: {}, lt: {}, lte: {} }),
    exists: { type: 'boolean' },
    changed: { type: 'boolean' },
  }),
  list(condition),
)

const step: { properties: Record<string, object> } & object = closed({}) as never
const steps = list(step)
Object.assign(step.properties, {
  as: {
    type: 'string',
    pattern: '^[a-z][a-z0-9_]{0,39}$',
    description: 'a name: letters, digits, underscores',
  },
  if: condition,
  else: steps,
  do: steps,
  foreach: closed({ in: path, do: steps, max: count(100) }, ['in', 'do']),
  parallel: steps,
  post: closed({ channel: oneOrMore(name), text: template, title: shortTemplate, url: shortTemplate }, [
    'channel',
    'text',
  ]),
  mail: closed({ to: shortTemplate, text: template, subject: shortTemplate }, ['to', 'text']),
  request: closed({ channel: name, body: {}, method: choice('POST', 'PUT', 'PATCH', 'DELETE') }, ['channel']),
  card: closed({ channel: name, title: shortTemplate, text: template }, ['channel', 'title']),
  issue: closed({ channel: name, title: shortTemplate, text: template, labels: list(text(100)) }, [
    'channel',
    'title',
  ]),
  minion: closed(Object.fromEntries(MINION_VERBS.map((verb) => [verb, shortTemplate]))),
  run: name,
  delay: duration,
  throttle: closed({ per: duration, count: count(10_000), by: shortTemplate }, ['per']),
  group: closed({ for: duration, by: shortTemplate, max: count(500), text: template }, ['for']),
  on_failure: steps,
})

const types = oneOrMore({
  type: 'string',
  pattern: '^[a-z0-9*?._-]{1,100}$',
  description: 'a type like pipeline.failed or pipeline.*',
})
const sources = oneOrMore({
  type: 'string',
  pattern: '^[a-z0-9*?-]{1,40}$',
  description: 'the name of a source',
})

export const RecipeSchema = Type.Unsafe<Recipe>(
  closed(
    {
      name,
      on: closed({ type: types, source: sources }),
      if: condition,
      do: steps,
      enabled: { type: 'boolean' },
      quiet_hours: closed(
        { from: clock, to: clock, except: choice('warning', 'error'), messages: choice('wait', 'drop') },
        ['from', 'to'],
      ),
    },
    ['name', 'on', 'do'],
  ),
)

/** The one thing a step does. */
export function actionOf(written: Step): ActionKey | (typeof BLOCK_KEYS)[number] | undefined {
  return [...ACTION_KEYS, ...BLOCK_KEYS].find((key) => written[key] !== undefined)
}
