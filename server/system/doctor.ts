/** The doctor: every check says what it saw and what to do about it. */
import { Type, type Static } from 'typebox'
import { asSummonerError } from '../errors.ts'

export const CHECK_STATES = ['ok', 'warn', 'fail', 'skip'] as const

export const CheckResultSchema = Type.Object({
  id: Type.String(),
  title: Type.String(),
  state: Type.Enum(CHECK_STATES),
  detail: Type.String(),
  hint: Type.Optional(Type.String({ description: 'what to do, one step a line' })),
})
export const DoctorSchema = Type.Object({
  checks: Type.Array(CheckResultSchema),
  ok: Type.Boolean({ description: 'no check failed; warnings do not count' }),
})
export type CheckResult = Static<typeof CheckResultSchema>
export type Doctor = Static<typeof DoctorSchema>

export type Finding = Pick<CheckResult, 'state' | 'detail' | 'hint'>

export interface Check {
  id: string
  title: string
  run(): Promise<Finding>
}

const TIMEOUT_MS = 15_000

/** All checks at once; one that throws or hangs is a finding, never an error of the whole. */
export function createDoctor(checks: readonly Check[], timeoutMs = TIMEOUT_MS): () => Promise<Doctor> {
  return async () => {
    const results = await Promise.all(
      checks.map(async ({ id, title, run }): Promise<CheckResult> => {
        const finding = await withTimeout(run, timeoutMs).catch(brokenCheck)
        return { id, title, ...finding }
      }),
    )
    return { checks: results, ok: results.every(({ state }) => state !== 'fail') }
  }
}

function brokenCheck(error: unknown): Finding {
  const known = asSummonerError(error)
  // a check of its own tells what is wrong with the file
  if (known.code === 'config.invalid')
    return { state: 'skip', detail: 'This needs a config.yml that can be read.' }
  if (known.code === 'internal')
    return {
      state: 'warn',
      detail: `This could not be checked: ${error instanceof Error ? error.message : String(error)}`,
    }
  return { state: 'fail', detail: known.message, hint: known.hint }
}

async function withTimeout(run: () => Promise<Finding>, timeoutMs: number): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(
      () => resolve({ state: 'warn', detail: `No answer within ${Math.round(timeoutMs / 1000)} s.` }),
      timeoutMs,
    )
  })
  try {
    return await Promise.race([run(), late])
  } finally {
    clearTimeout(timer)
  }
}
