import type { Exec } from '../../docker/container.ts'
import { SummonerError } from '../../errors.ts'

/** Programs by their command line; every other one is not installed. */
export const execOf =
  (programs: Record<string, string>): Exec =>
  async (argv) => {
    const stdout = programs[argv.join(' ')]
    if (stdout === undefined)
      throw new SummonerError('exec.failed', `The program ${argv[0]} is not installed.`)
    return { code: 0, stdout, stderr: '' }
  }
