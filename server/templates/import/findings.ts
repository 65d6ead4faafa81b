/** Collects what an import changed, asks and refuses, each with its place. */
import type { Change, Question, Refusal } from './report.ts'
import type { Key, SourcePlace } from './source.ts'

export interface Findings {
  changes: Change[]
  questions: Question[]
  refusals: Refusal[]
  change(at: Where, what: string, why: string): void
  /** The answer, else the default, else undefined: then the question stays open. */
  ask(at: Where, question: Ask): string | undefined
  refuse(at: Where, refusal: { what: string; why: string; advice: string; grant?: string }): void
  /** True when the power was granted by name; otherwise it is refused. */
  granted(at: Where, power: { what: string; why: string; advice: string; grant: string }): boolean
}
export type Where = readonly Key[] | SourcePlace

export interface Ask {
  id: string
  text: string
  options?: string[] | undefined
  default?: string | undefined
  /** Says why an answer does not do, or nothing. */
  check?: (answer: string) => string | undefined
}

export function createFindings(
  answers: Record<string, string>,
  grants: readonly string[],
  at: (keys: readonly Key[]) => SourcePlace,
): Findings {
  const place = (where: Where) => ('path' in where ? where : at(where))
  const findings: Findings = {
    changes: [],
    questions: [],
    refusals: [],
    change: (where, what, why) => void findings.changes.push({ ...place(where), what, why }),
    ask(where, { id, text, options, default: fallback, check }) {
      const answer = Object.hasOwn(answers, id) ? answers[id]?.trim() : undefined
      const problem =
        answer === undefined
          ? undefined
          : (check?.(answer) ??
            (options && !check && !options.includes(answer)
              ? `“${answer}” is none of the options.`
              : undefined))
      if (answer !== undefined && problem === undefined) return answer
      // The same question may come from several places: it is asked once.
      if (!findings.questions.some((question) => question.id === id)) {
        findings.questions.push({
          id,
          text: problem === undefined ? text : `${text} (${problem})`,
          ...(options ? { options } : {}),
          ...(fallback === undefined || problem !== undefined ? {} : { default: fallback }),
          ...place(where),
        })
      }
      return problem === undefined ? fallback : undefined
    },
    refuse: (where, refusal) => void findings.refusals.push({ ...place(where), ...refusal }),
    granted(where, power) {
      if (grants.includes(power.grant)) return true
      findings.refuse(where, power)
      return false
    },
  }
  return findings
}
