/** What the command line tells instead of a stack trace. */
import type { Place } from '../errors.ts'

export interface Complaint extends Place {
  title: string
  code?: string
  status?: number
  detail?: string
  hint?: string
  errors?: ({ detail: string; hint?: string } & Place)[]
}

export class Refusal extends Error {
  readonly complaint: Complaint
  readonly exitCode: 1 | 2

  constructor(complaint: Complaint, exitCode: 1 | 2 = 1) {
    super(complaint.detail ?? complaint.title)
    this.name = 'Refusal'
    this.complaint = complaint
    this.exitCode = exitCode
  }
}

/** The command was typed wrongly: exit code 2. */
export const usageError = (title: string, hint: string) => new Refusal({ title, hint }, 2)
