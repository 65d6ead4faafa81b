/** What an answer that is no success says: always a code, what happened, and what to do. */
import type { Problem } from '../../../server/errors.ts'

export type Trouble = Pick<Problem, 'title' | 'detail' | 'hint' | 'status'> &
  Partial<Pick<Problem, 'path' | 'line' | 'column' | 'errors'>> & { code: string }

export class ApiError extends Error {
  readonly trouble: Trouble
  constructor(trouble: Trouble) {
    super(trouble.detail)
    this.trouble = trouble
  }
}

/** The daemon cannot be reached: it restarts, or the network is gone. */
export const UNREACHABLE: Trouble = {
  code: 'page.unreachable',
  status: 0,
  title: 'Summoner does not answer',
  detail: 'The server cannot be reached.',
  hint: 'The page tries again by itself.',
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof ApiError) return error.trouble
  const detail = error instanceof Error ? error.message : String(error)
  return { code: 'page.broken', status: 0, title: 'The page has a fault', detail, hint: 'Load it again.' }
}

/** A problem from an answer's body, whatever a proxy in between made of it. */
export function troubleFrom(status: number, body: unknown): Trouble {
  const { code, title = code, detail, hint = '' } = (body ?? {}) as Partial<Record<string, string>>
  if (typeof code === 'string' && typeof detail === 'string')
    return { ...(body as object), code, title: title ?? code, detail, hint, status }
  if (status === 502 || status === 503 || status === 504) return { ...UNREACHABLE, status }
  return {
    code: 'page.answer',
    status,
    title: 'An answer that cannot be read',
    detail: `The server answered ${status}.`,
    hint: 'Load the page again.',
  }
}
