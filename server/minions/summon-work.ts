/** What the steps of a summon hand on to each other, and the record they keep. */
import type { Application, Config } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import type { Rendered } from '../templates/rendered.ts'
import type { Template } from '../templates/template.ts'
import { readApplied, writeApplied, type Applied } from './applied.ts'
import type { MinionDeps } from './deps.ts'

export interface Work {
  config: Config
  application: Application
  template: Template
  rendered: Rendered
  before: Applied | undefined
  dir: string
}

export function amend(
  minion: string,
  deps: MinionDeps,
  change: { [K in keyof Applied]?: Applied[K] | undefined },
): void {
  const applied = readApplied(deps.dirs.records, minion)
  if (!applied) throw new SummonerError('internal', `${minion} lost its record while it was summoned.`)
  writeApplied(deps.dirs.records, minion, { ...applied, ...change } as Applied)
}

/** What a template's rename commands find in their environment. */
export const renameEnv = (from: { host: string; url: string }, to: Rendered) => ({
  OLD_HOST: from.host,
  OLD_URL: from.url,
  NEW_HOST: to.host,
  NEW_URL: to.url,
})
