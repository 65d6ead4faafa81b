/** Rules of the `backups` section that a schema cannot say. Pure. */
import { addressProblem } from '../backups/destinations/address.ts'
import { SummonerError } from '../errors.ts'
import { parseCron } from '../schedules/cron.ts'
import type { Config } from './config.ts'
import { didYouMean } from './suggest.ts'
import { cited } from './yaml-source.ts'

type Report = (at: string, detail: string, hint?: string) => void

export function checkBackups({ backups, applications }: Config, report: Report): void {
  const crons: [string, string | undefined][] = [
    ...(['dump', 'cold', 'prove', 'check'] as const).map(
      (key) => [key, backups[key]] as [string, string | undefined],
    ),
    ...Object.entries(backups.minions ?? {}).flatMap(([name, own]) =>
      (['dump', 'cold', 'prove'] as const).map(
        (key) => [`minions.${name}.${key}`, own[key]] as [string, string | undefined],
      ),
    ),
  ]
  for (const [key, cron] of crons) {
    if (cron === undefined || cron === 'off') continue
    try {
      parseCron(cron)
    } catch (error) {
      if (!(error instanceof SummonerError)) throw error
      report(`backups.${key}`, `backups: ${error.message}`, error.hint)
    }
  }
  const names = applications.map(({ name }) => name)
  for (const name of Object.keys(backups.minions ?? {}))
    if (!names.includes(name))
      report(
        `backups.minions.${name}`,
        `backups: ${cited(name)} is not an application of this file${didYouMean(name, names) || '.'}`,
      )
  const destinations = backups.destinations ?? []
  for (const [index, destination] of destinations.entries()) {
    const { name } = destination
    const at = `backups.destinations.${index}`
    const problem = addressProblem(destination)
    if (problem !== undefined) report(at, `backups: ${cited(name)}: ${problem}.`)
    if (destinations.findIndex((other) => other.name === name) < index)
      report(at, `backups: two destinations are called ${cited(name)}.`)
  }
}
