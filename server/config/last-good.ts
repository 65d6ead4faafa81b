/** The last config.yml that could be read: a typo in the file must not take the sites away. */
import type { Config } from './config.ts'
import type { ConfigFile } from './config-file.ts'

export function lastGoodConfig(file: Pick<ConfigFile, 'read'>): () => Config {
  let last: Config | undefined
  return () => {
    try {
      last = file.read().config
    } catch (error) {
      if (!last) throw error
    }
    return last
  }
}
