import type { Engine } from '../../docker/container.ts'
import type { Check } from '../doctor.ts'
import { atLeast } from '../version.ts'

const API_VERSION = '1.41'

export const engineCheck = ({ engine }: { engine: Pick<Engine, 'info'> }): Check => ({
  id: 'engine',
  title: 'Docker engine',
  run: async () => {
    const { version, apiVersion, storageDriver } = await engine.info()
    if (!atLeast(apiVersion, API_VERSION))
      return {
        state: 'fail',
        detail: `Docker ${version} speaks API ${apiVersion}; ${API_VERSION} is needed.`,
        hint: 'Update the engine: run ./install.sh again, or install Docker 20.10 or newer.',
      }
    return { state: 'ok', detail: `Docker ${version}, API ${apiVersion}, ${storageDriver}` }
  },
})
