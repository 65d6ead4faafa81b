/** For who asks at every webhook and event: the file is looked at a few times in a second, and at once when we wrote it. */
import type { Config } from './config.ts'

const HOLDS_MS = 250

export interface Glance {
  config(): Config
  /** The file was written. */
  forget(): void
}

export function createGlance(read: () => Config, now: () => number, holdsMs = HOLDS_MS): Glance {
  let seen: { config: Config; at: number } | undefined
  return {
    config() {
      const at = now()
      // a clock that was set back must not hold for hours what was seen
      if (!seen || at - seen.at >= holdsMs || at < seen.at) seen = { config: read(), at }
      return seen.config
    },
    forget: () => void (seen = undefined),
  }
}
