/** Pins the image of a service: a repository, an exact tag and the tags that are legal after it. */
import { keyProblem } from '../env.ts'
import type { TemplateImage } from '../template.ts'
import { knownImage, type KnownImage } from './known-images.ts'
import type { Findings, Where } from './findings.ts'
import type { Inputs } from './variables.ts'
import { variablesOf } from './variable-parts.ts'

const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const REPOSITORY =
  /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/
/** Tags that mean something else tomorrow. */
const MOVING =
  /^(latest|stable|edge|main|master|nightly|dev|develop|beta|rc|next|lts|current|release|alpine|slim)$/i

export interface PinnedImage {
  image: TemplateImage
  known: KnownImage | undefined
}

export function pinImage(
  service: string,
  written: string,
  where: Where,
  context: { findings: Findings; inputs: Inputs; template: string; sole: boolean; used: ReadonlySet<string> },
): PinnedImage | undefined {
  const { findings, inputs } = context
  let text = written.trim()
  const split = splitReference(text)
  if (isPlaceholder(split.repository) || split.repository.includes('$')) {
    const filled = inputs.evaluate(split.repository)
    const given = filled !== undefined && !isPlaceholder(filled) ? filled : undefined
    const answer = findings.ask(where, {
      id: `image:${service}`,
      text: `Which image is “${written}”? Give repository:tag, for example ghost:6.59.0`,
      default: given === undefined ? undefined : given + (split.tag === undefined ? '' : `:${split.tag}`),
      check: (value) => {
        const { repository } = splitReference(value)
        return REPOSITORY.test(repository) ? undefined : `“${value}” is no image reference.`
      },
    })
    if (answer === undefined) return undefined
    text = answer
  }
  const { repository, tag, digest } = splitReference(text)
  if (!REPOSITORY.test(repository)) {
    findings.refuse(where, {
      what: `“${written}” is no image reference`,
      why: 'An image is repository:tag in lower case.',
      advice: 'Correct it in the file.',
    })
    return undefined
  }
  if (digest !== undefined && tag !== undefined) {
    findings.change(
      where,
      `The digest of ${repository}:${tag} is left out`,
      'The tag is kept; a digest would stop every update.',
    )
  }
  const known = knownImage(repository)
  const variable = variableOf(tag, service, context)
  const filled = tag === undefined || isPlaceholder(tag) ? undefined : inputs.evaluate(tag)
  const chosen = chooseTag({ service, written, repository, tag: filled, known, where, findings })
  if (chosen === undefined) return undefined
  inputs.provide(variable)
  return { image: { repository, ...chosen, variable }, known }
}

function chooseTag(given: {
  service: string
  written: string
  repository: string
  tag: string | undefined
  known: KnownImage | undefined
  where: Where
  findings: Findings
}): { tag: string; pattern: string } | undefined {
  const { service, written, repository, tag, known, where, findings } = given
  const series = known?.series.find(({ when }) => when.test(tag ?? 'latest'))
  const suggestion = series ?? (tag === undefined || MOVING.test(tag) ? known?.series[0] : undefined)
  if (suggestion) {
    const { tag: pinned, pattern } = suggestion
    const answer = findings.ask(where, {
      id: `tag:${service}`,
      text: `Which version of ${repository}? “${written}” names no exact one`,
      default: pinned,
      check: tagProblem,
    })
    if (answer === undefined) return undefined
    findings.change(
      where,
      `${repository} is pinned to ${answer}`,
      `“${written}” means another image whenever it is published anew.`,
    )
    return { tag: answer, pattern: answer === pinned ? pattern : patternOf(answer) }
  }
  if (tag !== undefined && tagProblem(tag) === undefined) return { tag, pattern: patternOf(tag) }
  const answer = findings.ask(where, {
    id: `tag:${service}`,
    text: `Which exact tag of ${repository}? “${written}” names none`,
    check: tagProblem,
  })
  return answer === undefined ? undefined : { tag: answer, pattern: patternOf(answer) }
}

function tagProblem(tag: string): string | undefined {
  if (!TAG.test(tag)) return `“${tag}” is no tag.`
  return MOVING.test(tag) ? `“${tag}” is not an exact tag.` : undefined
}

/** Same major, same suffix. */
export function patternOf(tag: string): string {
  const match = /^(v?\d+)((?:\.\d+)*)(.*)$/.exec(tag)
  if (!match) return `^${escape(tag)}$`
  const [, major = '', rest = '', suffix = ''] = match
  return `^${major}${rest.replaceAll(/\.\d+/g, '\\.\\d+')}${escape(suffix)}$`
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** The file's own variable where it is a good name, else one after the template or the service. */
function variableOf(
  tag: string | undefined,
  service: string,
  { template, sole, used }: { template: string; sole: boolean; used: ReadonlySet<string> },
): string {
  const names = tag === undefined || isPlaceholder(tag) ? [] : variablesOf(tag)
  const own = names.length === 1 ? names[0] : undefined
  if (
    own !== undefined &&
    /^[A-Z][A-Z0-9_]*_(VERSION|TAG)$/.test(own) &&
    keyProblem(own, template) === undefined
  )
    return own
  const capitals = (text: string) =>
    text
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, '_')
      .replace(/^[_0-9]+/, '')
  const base = `${sole ? capitals(template) : capitals(service) || 'APP'}_VERSION`
  let name = keyProblem(base, template) === undefined ? base : `APP_${base}`
  while (used.has(name)) name = `${name}_2`
  return name
}

export function isPlaceholder(text: string): boolean {
  return /<[^<>]*>/.test(text)
}

export function splitReference(text: string): { repository: string; tag?: string; digest?: string } {
  const [name = '', digest] = text.split('@')
  // A colon inside ${…} or <…> is not the tag's.
  const match = /^((?:[^:]|:(?=[^/]*\/))*?)(?::((?:\$\{[^}]*\}|<[^>]*>|[^:/])*))?$/.exec(name)
  const repository = match?.[1] ?? name
  const tag = match?.[2]
  return { repository, ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) }
}
