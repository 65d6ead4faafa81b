/** Regular expressions of recipes on texts of strangers: a pattern that runs away is stopped after some milliseconds. */
import { createContext, Script, type Context } from 'node:vm'

/** Of the clock: a busy machine must not stop an honest pattern. */
const TIMEOUT_MS = 200
const LONGEST_TEXT = 20_000

const script = new Script('new RegExp(pattern, "u").test(text)')
let context: Context | undefined

/** Undefined when the pattern took too long. Only two strings enter the context, and a truth value leaves it. */
export function matchesWithin(pattern: string, text: string): boolean | undefined {
  context ??= createContext(Object.create(null) as object, {
    codeGeneration: { strings: false, wasm: false },
  })
  Object.assign(context, { pattern, text: text.slice(0, LONGEST_TEXT) })
  try {
    return script.runInContext(context, { timeout: TIMEOUT_MS }) === true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined
    throw error
  }
}

export function patternProblem(pattern: string): string | undefined {
  try {
    // oxlint-disable-next-line no-new -- only whether it can be made is asked
    new RegExp(pattern, 'u')
    return undefined
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: /u, '')
  }
}
