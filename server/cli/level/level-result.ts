/** What a try of a template showed. */
export interface LevelResult {
  template: string
  /** Of the application's own image, as it ran. */
  version: string
  level: number
  /** Where its images came from. */
  images: string
  at: string
  /** MiB: promised in minion.yml, and taken after the first use. */
  memory: { declared: number; seen: number }
  /** What the level does not say. */
  remark?: string
  /** Why it is not higher. */
  why?: string
}

export const LEVELS: readonly string[] = [
  'the check refuses it',
  'the check accepts it',
  'it installs and answers at its address',
  'nothing stands open, another password is refused, the administrator signs in',
  'what was written is there again after it was dismissed and summoned anew',
]
