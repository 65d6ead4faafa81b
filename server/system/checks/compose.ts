import type { Exec } from '../../docker/container.ts'
import type { Check } from '../doctor.ts'
import { atLeast } from '../version.ts'

const VERSION = '2.20'
const HINT = 'Run ./install.sh again: it installs the Compose plugin.'

export const composeCheck = ({ exec }: { exec: Exec }): Check => ({
  id: 'compose',
  title: 'Docker Compose',
  run: async () => {
    const version = await exec(['docker', 'compose', 'version', '--short'], { timeoutMs: 10_000 }).then(
      ({ stdout }) => stdout.trim().replace(/^v/u, ''),
      () => undefined,
    )
    if (!version) return { state: 'fail', detail: 'The Compose plugin does not run.', hint: HINT }
    if (!atLeast(version, VERSION))
      return { state: 'fail', detail: `Compose ${version} is too old; ${VERSION} is needed.`, hint: HINT }
    return { state: 'ok', detail: `Compose ${version}` }
  },
})
