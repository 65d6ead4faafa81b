/** Passwords in commands and health checks: known ones, and those after a flag that is for nothing else. */
import { recordOf } from '../plain.ts'
import { at, type Draft, type DraftService } from './draft.ts'

const FLAG = /^--?(requirepass|masterauth|password|pass|admin-password|token)$/
const INLINE =
  /(^|\s)((?:--(?:requirepass|masterauth|password|pass|admin-password|token))(?:=|\s+)|-p)(["']?)([^\s"'$-][^\s"'$]*)/g

export function concealCommands(draft: Draft, service: DraftService): void {
  for (const key of ['command', 'entrypoint']) {
    if (service.out[key] !== undefined) service.out[key] = conceal(draft, service, service.out[key], key)
  }
  const health = recordOf(service.out['healthcheck'])
  if (health['test'] !== undefined) {
    service.out['healthcheck'] = { ...health, test: conceal(draft, service, health['test'], 'healthcheck') }
  }
}

function conceal(draft: Draft, service: DraftService, value: unknown, key: string): unknown {
  const hide = (literal: string, sure: boolean): string => {
    const known = draft.inputs.knownSecret(literal)
    if (known === undefined && !sure) return literal
    const id = known ?? draft.inputs.secret(`${service.name}_PASSWORD`, literal, service.name)
    draft.findings.change(
      at(service, key),
      `A password in ${key} becomes the secret \${${id}}`,
      'A password in a template would be everybody’s.',
    )
    return `\${${id}}`
  }
  const inText = (text: string) =>
    text.replaceAll(INLINE, (_all, before: string, flag: string, quote: string, literal: string) => {
      return `${before}${flag}${quote}${hide(literal, flag !== '-p')}`
    })
  if (typeof value === 'string') return inText(value)
  if (!Array.isArray(value)) return value
  return value.map((item: unknown, index) => {
    if (typeof item !== 'string') return item
    const after: unknown = value[index - 1]
    const flagged = typeof after === 'string' && (FLAG.test(after) || after === '-a') && !/^[-$]/.test(item)
    return flagged ? hide(item, after !== '-a') : inText(item)
  })
}
