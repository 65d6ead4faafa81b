/** The last config.yml that could be read: a typo in the file must not take the sites away, nor a restart after it. */
import { readFileSync } from 'node:fs'
import { removeLeftovers } from './config-disk.ts'
import type { ConfigFile, ConfigVersion } from './config-file.ts'
import { writeFileAtomic } from './write-file.ts'

interface LastGoodDeps {
  file: Pick<ConfigFile, 'read' | 'parse'>
  /** Where its text is kept for the next start. */
  keptAt: string
  onError(error: unknown): void
}

export function lastGoodVersion({ file, keptAt, onError }: LastGoodDeps): () => ConfigVersion {
  let last: ConfigVersion | undefined
  let fresh = false
  const keep = (version: ConfigVersion) => {
    if (version.etag === last?.etag) return
    const first = last === undefined
    last = version
    try {
      if (first) removeLeftovers(keptAt)
      if (textOf(keptAt) !== version.text) writeFileAtomic(keptAt, version.text, { mode: 0o600 })
    } catch (error) {
      onError(error)
    }
  }
  return () => {
    // whoever asks for a thousand hosts in one breath looks at the file once
    if (fresh && last) return last
    fresh = true
    queueMicrotask(() => (fresh = false))
    try {
      keep(file.read())
    } catch (error) {
      const kept = last ? undefined : textOf(keptAt)
      if (kept !== undefined) last = file.parse(kept)
      if (!last) throw error
    }
    return last as ConfigVersion
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
