/** What somebody typed into a template's form: checked as the daemon will, so that its refusal is never the first word. Pure. */
import type { TemplateInput } from '../../../server/templates/template.ts'
import { isName } from '../parts/name.ts'

export type Wrong = 'required' | 'control' | 'integer' | 'email' | 'url' | 'choice' | 'boolean' | 'pattern'

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x1f\x7f]/
// oxlint-disable-next-line no-control-regex
const CONTROL_IN_TEXT = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/

export function wrongWith(input: TemplateInput, value: string): Wrong | undefined {
  if (value === '') {
    const filled = input.default !== undefined || input.generate !== undefined
    return input.required && !filled ? 'required' : undefined
  }
  const { type, choices = [], pattern } = input
  if ((type === 'text' ? CONTROL_IN_TEXT : CONTROL).test(value)) return 'control'
  if (type === 'boolean' && !/^(true|false)$/.test(value)) return 'boolean'
  if (type === 'integer' && !/^-?\d{1,15}$/.test(value)) return 'integer'
  if (type === 'email' && !/^[^\s@<>"']+@[^\s@<>"']+$/.test(value)) return 'email'
  if (type === 'url' && !(/^https?:\/\//.test(value) && URL.canParse(value))) return 'url'
  if (type === 'choice' && !choices.includes(value)) return 'choice'
  if (pattern !== undefined && !fits(pattern, value)) return 'pattern'
  return undefined
}

function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    // the daemon has the last word on a pattern that this browser does not know
    return true
  }
}

/** Filled in by the box itself (`${LETSENCRYPT_EMAIL}`): shown as a hint, not as a value. */
export const ownDefault = ({ default: value }: TemplateInput): string | undefined =>
  value === undefined || value.includes('${') ? undefined : value

/** Nothing that would be refused: what is not typed is the template's default, or filled in by the box. */
export const isReady = (
  inputs: readonly TemplateInput[],
  values: Readonly<Record<string, string>>,
): boolean =>
  inputs.every((input) => wrongWith(input, values[input.id] ?? ownDefault(input) ?? '') === undefined)

/** Only what differs from the defaults is written into config.yml. */
export function envOf(
  inputs: readonly TemplateInput[],
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const env: Record<string, string> = {}
  for (const input of inputs) {
    const value = values[input.id]
    if (value === undefined || value === '' || value === ownDefault(input)) continue
    env[input.id] = value
  }
  return env
}

const RESERVED = new Set([
  'minions',
  'database',
  'summoner',
  'hooks',
  'www',
  'run',
  'proxy',
  'certificates',
  'dumps',
  'backups',
  'state',
  'logs',
  'nginx',
])
export function wrongName(
  name: string,
  taken: ReadonlySet<string>,
): 'name' | 'reserved' | 'taken' | undefined {
  if (!isName(name)) return 'name'
  if (RESERVED.has(name)) return 'reserved'
  return taken.has(name) ? 'taken' : undefined
}

/** `blog`, then `blog-2`, `blog-3`. */
export function freeName(template: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? template : `${template.slice(0, 36)}-${n}`
    if (wrongName(name, taken) === undefined || n > 500) return name
  }
}

/** `@` is the bare domain; a dot makes it a name of its own. */
export function hostFor(subdomain: string, domain: string): string {
  if (subdomain === '@') return domain
  return subdomain.includes('.') ? subdomain : `${subdomain}.${domain}`
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
export function wrongSubdomain(subdomain: string): 'subdomain' | 'reserved' | undefined {
  if (subdomain === '@') return undefined
  if (
    !subdomain
      .toLowerCase()
      .split('.')
      .every((label) => LABEL.test(label))
  )
    return 'subdomain'
  return subdomain === 'summoner' || subdomain === 'hooks' ? 'reserved' : undefined
}
