/** `${VARIABLES}` of a compose file: what each becomes in the template. */
import { keyProblem, subdomainKey } from '../env.ts'
import type { TemplateInput } from '../template.ts'
import { escapeVariables } from '../variables.ts'
import type { Findings, Where } from './findings.ts'
import { isSecretName, ISSUED_ELSEWHERE } from './secret-names.ts'
import { BadVariable, renderParts } from './variable-parts.ts'

/** Filled in by Summoner itself, never asked. */
const PROVIDED = ['DOMAIN', 'MINION', 'VOLUME_STORAGE_ROOT', 'DATABASE_STORAGE_ROOT', 'LETSENCRYPT_EMAIL']
export interface Inputs {
  list(): TemplateInput[]
  /** Text with every variable under its new name; each unknown one becomes an input. */
  rewrite(text: string, where: Where): string
  /** The id of a secret that stands for `literal`; equal literals are one secret. */
  secret(key: string, literal: string | undefined, owner: string): string
  /** The secret that already stands for this literal. */
  knownSecret(literal: string): string | undefined
  /** Text with variables filled in from the import's own `.env` and defaults; undefined when one has no value. */
  evaluate(text: string): string | undefined
  /** Declares a name as taken care of elsewhere (image tags). */
  provide(name: string): void
  /** Marks the variable as a secret because of where it is used. */
  markSecret(name: string): void
  /** A default for a variable that has none. */
  suggest(name: string, value: string): void
}

export function createInputs(dotenv: Record<string, string>, template: string, findings: Findings): Inputs {
  const inputs = new Map<string, TemplateInput>()
  const literals = new Map<string, string>()
  const told = new Set<string>()
  const secretNames = new Set<string>()
  const suggestions = new Map<string, string>()
  const subdomain = subdomainKey(template)
  const unfit = (id: string) => !/^[A-Z]/.test(id) || keyProblem(id, template) !== undefined
  const provided = new Set([...PROVIDED, subdomain])

  const idOf = (name: string, where: Where): string => {
    if (/(^|_)SUBDOMAIN$/i.test(name)) return subdomain
    if (provided.has(name)) return name
    let id = name.toUpperCase().replace(/^_+/, '')
    if (unfit(id)) id = `APP_${id}`
    if (id !== name && !told.has(name)) {
      told.add(name)
      findings.change(
        where,
        `\${${name}} is called \${${id}}`,
        'Names of inputs are capitals, and some names steer the engine itself.',
      )
    }
    return id
  }

  const declare = (name: string, given: string | undefined, where: Where): string => {
    const id = idOf(name, where)
    if (provided.has(id) || inputs.has(id)) return id
    const value = dotenv[name] ?? given ?? suggestions.get(name) ?? USUAL[id]
    if (isSecretName(id) || secretNames.has(name)) {
      addSecret(id, value)
      if (value) literals.set(value, id)
      findings.change(
        where,
        `\${${name}} is a secret of each minion`,
        value
          ? 'Its value is not copied into the template: a template may be shared.'
          : 'It has no value here.',
      )
      return id
    }
    inputs.set(id, {
      id,
      type: value?.includes('\n') ? 'text' : 'string',
      label: labelOf(id),
      ...(value === undefined ? { required: true } : { default: escapeVariables(value) }),
    })
    findings.change(
      where,
      value === undefined
        ? `\${${name}} is asked when the minion is summoned`
        : `\${${name}} is an input, “${value}” unless set`,
      dotenv[name] !== undefined ? 'Its value comes from the .env file.' : 'It is a variable of the file.',
    )
    return id
  }

  const addSecret = (id: string, literal: string | undefined) => {
    const asked = ISSUED_ELSEWHERE.test(id)
    const hex = literal !== undefined && literal.length >= 32 && /^[0-9a-f]+$/i.test(literal)
    const length = Math.min(128, Math.max(32, literal?.length ?? 0))
    inputs.set(id, {
      id,
      type: 'password',
      label: labelOf(id),
      secret: true,
      ...(asked
        ? { required: true }
        : { generate: { length, alphabet: hex ? 'hex' : 'alphanumeric' }, immutable: true }),
    })
  }

  const renamed = (text: string, where: Where): string =>
    renderParts(text, (part) => {
      const nested = part.fallback?.includes('$') === true
      const id = declare(part.name, nested || part.operator.endsWith('+') ? '' : part.fallback, where)
      if (part.operator.endsWith('+'))
        return `\${${id}${part.operator}${renamed(part.fallback ?? '', where)}}`
      if (nested && !dotenv[part.name]) return `\${${id}:-${renamed(part.fallback ?? '', where)}}`
      return `\${${id}}`
    })

  const rewrite = (text: string, where: Where): string => {
    try {
      return renamed(text, where)
    } catch (error) {
      if (!(error instanceof BadVariable)) throw error
      findings.refuse(where, {
        what: `“${error.message}” is no variable`,
        why: 'Compose reads a $ as the start of a variable.',
        advice: 'Write $$ for a dollar sign.',
      })
      return escapeVariables(text)
    }
  }

  return {
    list: () => [...inputs.values()],
    rewrite,
    secret(key, literal, owner) {
      const known = literal === undefined ? undefined : literals.get(literal)
      if (known !== undefined) return known
      let id = key
        .toUpperCase()
        .replace(/[^A-Z0-9]+/g, '_')
        .replace(/^_+/, '')
      if (unfit(id)) id = `APP_${id}`
      if (inputs.has(id)) id = `${owner.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_${id}`
      if (unfit(id)) id = `APP_${id}`
      while (inputs.has(id)) id = `${id}_2`
      addSecret(id, literal)
      if (literal !== undefined) literals.set(literal, id)
      return id
    },
    knownSecret: (literal) => literals.get(literal),
    evaluate(text) {
      let unset = false
      try {
        const value = renderParts(text, (part) => {
          const found = dotenv[part.name] || part.fallback
          if (found === undefined || found.includes('$')) unset = true
          return found ?? ''
        })
        return unset ? undefined : value
      } catch (error) {
        if (error instanceof BadVariable) return undefined
        throw error
      }
    },
    provide: (name) => void provided.add(name),
    markSecret: (name) => void secretNames.add(name),
    suggest: (name, value) => void suggestions.set(name, value),
  }
}

const USUAL: Record<string, string> = { TZ: 'UTC', PUID: '1000', PGID: '1000', UID: '1000', GID: '1000' }

function labelOf(id: string): { en: string; fr: string } {
  const words = id.toLowerCase().replaceAll('_', ' ')
  const label = words.charAt(0).toUpperCase() + words.slice(1)
  return { en: label, fr: label }
}
