/** The last config.yml that could be read: a typo in the file must not take the sites away. */
import type { ConfigFile, ConfigVersion } from './config-file.ts'

export function lastGoodVersion(file: Pick<ConfigFile, 'read'>): () => ConfigVersion {
  let last: ConfigVersion | undefined
  return () => {
    try {
      last = file.read()
    } catch (error) {
      if (!last) throw error
    }
    return last
  }
}
