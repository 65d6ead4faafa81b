/** From what a source says to the facts of an event: short, printable, without what is empty. Pure. */
import type { Facts } from '../../events/event.ts'
import type { Body, Said } from './source.ts'
import { severityOf } from './vocabulary.ts'

const LONGEST_LINE = 300
const LONGEST_URL = 2000
/** What a person writing a recipe may look into, word for word, while it is not huge. */
const LARGEST_PAYLOAD = 32 * 1024
const MOST_KEYS = 500

/** Controls, and what turns the direction of text around: titles are shown in terminals and pages. */
const UNPRINTABLE = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu

export function factsOf(said: Said, body: Body, bytes: number): Facts {
  const { type, severity = severityOf(said.type), title, actor, data = {} } = said
  const name = line(actor?.name) ?? line(actor?.username)
  const username = line(actor?.username)
  const email = line(actor?.email)
  return {
    type,
    severity,
    title: line(title) ?? type,
    ...(name === undefined
      ? {}
      : {
          actor: {
            name,
            ...(username === undefined ? {} : { username }),
            // GitLab and others write a placeholder
            ...(email?.includes('@') ? { email } : {}),
          },
        }),
    ...given('subject', line(said.subject)),
    ...given('url', webAddress(said.url)),
    ...given('project', line(said.project)),
    ...given('time', line(said.time)),
    data: { ...withoutGaps(data), ...(bytes <= LARGEST_PAYLOAD ? { payload: body } : {}) },
  }
}

function given<Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: string })
}

function line(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const printable = value.replaceAll(UNPRINTABLE, ' ').trim()
  return printable === '' ? undefined : shortened(printable)
}

/** By whole letters; a text never has more of them than units. */
function shortened(text: string): string {
  if (text.length <= LONGEST_LINE) return text
  const letters = Array.from(text.slice(0, 2 * LONGEST_LINE))
  return letters.length > LONGEST_LINE ? `${letters.slice(0, LONGEST_LINE - 1).join('')}…` : text
}

function webAddress(value: string | undefined): string | undefined {
  if (value === undefined || value.length > LONGEST_URL) return undefined
  const parsed = URL.parse(value)
  return parsed && ['http:', 'https:'].includes(parsed.protocol) ? parsed.href : undefined
}

/** No recipe asks for the five-hundredth key, and twenty thousand would hold up everybody else. */
function withoutGaps(data: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  let left = MOST_KEYS
  for (const key of Object.keys(data)) {
    if (data[key] === undefined) continue
    if (left-- === 0) break
    kept[key] = data[key]
  }
  return kept
}
