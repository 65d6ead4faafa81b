/** Summon: from a line in config.yml to a site that answers. The same job carries out every later change of the minion. */
import { join } from 'node:path'
import type { Application } from '../config/config.ts'
import { addApplication } from '../config/edits.ts'
import { SummonerError } from '../errors.ts'
import type { SharedDatabase } from '../templates/shared-database.ts'
import type { JobKind, Step, StepContext } from '../jobs/job.ts'
import { endChange, readApplied } from './applied.ts'
import { bringUp, prepare, provideImages, takeContainersBack, takeFilesBack } from './bring-up.ts'
import type { DatabaseMove } from './database-move.ts'
import type { MinionDeps } from './deps.ts'
import { answerPublicly, certify, firstAdministrator, renameInside, serve, settle } from './make-ready.ts'
import { amend, type Work } from './summon-work.ts'

/** Seconds; what TemplateSchema says of `stable_for`. */
const STABLE_FOR = 10

export interface SummonInput {
  minion: string
  /** Present for `add`: the entry to write into config.yml first. */
  application?: Application
  /** Present for the server of a shared database: who asked for it may not stand in config.yml yet. */
  server?: SharedDatabase
}

export interface SummonDeps extends MinionDeps {
  move: DatabaseMove
}

export function summonKind(deps: SummonDeps): JobKind<SummonInput> {
  return {
    kind: 'summon',
    afterCrash: 'requeue',
    steps: (input) => summonSteps(input, deps),
    result: ({ minion }) => ({ url: readApplied(deps.dirs.records, minion)?.url }),
  }
}

function summonSteps({ minion, application, server }: SummonInput, deps: SummonDeps): Step[] {
  let work: Work | undefined
  const current = (): Work => {
    if (!work) throw new SummonerError('internal', 'A step ran before the minion was rendered.')
    return work
  }
  const dir = join(deps.dirs.minions, minion)
  const proxied = minion !== 'nginx'

  const steps: Step[] = [
    {
      name: 'config',
      run: async () => {
        // a job that begins again after a crash finds its own entry
        const { config } = deps.config.read()
        if (application && !config.applications.some(({ name }) => name === minion))
          await deps.config.edit(addApplication(application))
      },
    },
    {
      name: 'database',
      run: (context) => deps.move.begin(minion, context),
      undo: (context) => deps.move.undo(minion, context),
    },
    {
      name: 'files',
      run: async (context) => {
        work = await prepare(minion, dir, deps, context, server)
      },
      undo: () => takeFilesBack(minion, dir, deps),
    },
    { name: 'images', run: (context) => provideImages(current(), deps, context) },
    { name: 'fill', run: (context) => deps.move.fill(current(), context) },
    {
      name: 'containers',
      run: (context) => bringUp(current(), { ...deps, hidden: deps.move.moving(minion) }, context),
      undo: (context) => takeContainersBack(minion, dir, deps, context),
      uncancellable: true,
    },
    { name: 'healthy', run: (context) => settle(current(), deps, context) },
    ...(proxied
      ? [
          { name: 'rename', run: (context: StepContext) => renameInside(current(), deps, context) },
          { name: 'administrator', run: () => firstAdministrator(current(), deps) },
        ]
      : []),
    {
      // from here on a failure (certificate, proxy, name) leaves a working application alone
      name: 'ready',
      run: async () => {
        deps.move.accept(minion)
        amend(minion, deps, { ready: true })
        endChange(deps.dirs.records, minion)
        await deps.acceptInstance(dir)
        deps.monitor.watch(minion, current().template.description.health?.stable_for ?? STABLE_FOR)
      },
    },
    { name: 'old data', run: (context) => deps.move.finish(minion, context) },
    { name: 'proxy', run: (context) => serve(current(), deps, context) },
    { name: 'address', run: (context) => answerPublicly(current(), deps, context) },
    { name: 'certificate', run: (context) => certify(current(), deps, context) },
  ]
  return steps
}
