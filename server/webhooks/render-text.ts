/** Texts of recipes: Liquid without anything that reads files or runs code, within limits of time and size. */
import { createRequire } from 'node:module'
import type * as LiquidModule from 'liquidjs'
import { escapeMarkdown, safeUrl } from './markdown.ts'

/** `markdown`: what is put in is escaped, so that nobody's title becomes a link or rings everybody. */
export type TextKind = 'markdown' | 'plain'

export interface Renderer {
  /** Throws an Error in words when the template fails or takes too much. */
  render(template: string, scope: Readonly<Record<string, unknown>>, kind: TextKind): string
  /** Why this is no template. */
  problem(template: string): string | undefined
}

/** The time is that of the clock: a busy machine must not fail an honest text. */
const LIMITS = { parseLimit: 50_000, renderLimit: 1_000, memoryLimit: 2_000_000 }
const LONGEST = 100_000
const KEPT = 500
/** They read other templates. */
const REFUSED_TAGS = ['include', 'render', 'layout', 'block']

export function createRenderer({ timezone = 'UTC' }: { timezone?: string } = {}): Renderer {
  const kinds = new Map<
    TextKind,
    { engine: LiquidModule.Liquid; parsed: Map<string, LiquidModule.Template[]> }
  >()

  /** Loaded with the first recipe: most boxes have none on their first day. */
  const of = (kind: TextKind) => {
    const known = kinds.get(kind)
    if (known) return known
    const module = createRequire(import.meta.url)('liquidjs') as typeof LiquidModule
    const made = { engine: createEngine(module, timezone, kind), parsed: new Map() }
    kinds.set(kind, made)
    return made
  }
  const parse = (template: string, kind: TextKind): LiquidModule.Template[] => {
    const { engine, parsed } = of(kind)
    const known = parsed.get(template)
    if (known) return known
    const fresh = engine.parse(template)
    if (parsed.size >= KEPT) parsed.clear()
    parsed.set(template, fresh)
    return fresh
  }
  return {
    render(template, scope, kind) {
      if (!template.includes('{')) return template
      try {
        const text = of(kind).engine.renderSync(parse(template, kind), scope) as string
        return text.slice(0, LONGEST)
      } catch (error) {
        throw new Error(wordsOf(error), { cause: error })
      }
    },
    problem(template) {
      if (!template.includes('{')) return undefined
      try {
        parse(template, 'plain')
        return undefined
      } catch (error) {
        return wordsOf(error)
      }
    },
  }
}

function createEngine(
  { Liquid }: typeof LiquidModule,
  timezone: string,
  kind: TextKind,
): LiquidModule.Liquid {
  const engine = new Liquid({
    ...LIMITS,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    timezoneOffset: timezone,
    templates: {},
    ...(kind === 'markdown' ? { outputEscape: (value: unknown) => escapeMarkdown(textOf(value)) } : {}),
  })
  for (const tag of REFUSED_TAGS) Reflect.deleteProperty(engine.tags, tag)
  const escaped = (value: unknown) => (kind === 'markdown' ? escapeMarkdown(textOf(value)) : textOf(value))
  engine.registerFilter('md', { raw: true, handler: (value: unknown) => escapeMarkdown(textOf(value)) })
  engine.registerFilter('link', {
    raw: true,
    handler: (value: unknown, url: unknown) => {
      const target = safeUrl(textOf(url))
      if (target === undefined) return escaped(value)
      return kind === 'markdown' ? `[${escaped(value)}](${target})` : `${escaped(value)} ${target}`
    },
  })
  return engine
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Its first line: the rest is a drawing of the place. */
function wordsOf(error: unknown): string {
  return (error as Error).message.split('\n')[0]?.replace(/, file:.*$/u, '') ?? 'the template failed'
}
