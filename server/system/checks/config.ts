import type { Config } from '../../config/config.ts'
import { SummonerError } from '../../errors.ts'
import type { Check } from '../doctor.ts'

export const configCheck = ({ config }: { config: () => Config | Promise<Config> }): Check => ({
  id: 'config',
  title: 'config.yml',
  run: async () => {
    try {
      const { applications } = await config()
      return { state: 'ok', detail: `${applications.length} minions are wished for.` }
    } catch (error) {
      if (!(error instanceof SummonerError && error.code === 'config.invalid')) throw error
      const { path, line, column } = error.at
      const place = [path, line, column].filter((part) => part !== undefined).join(':')
      return { state: 'fail', detail: `${error.message}\n${place}`, hint: error.hint }
    }
  },
})
