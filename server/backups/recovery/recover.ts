/**
 * The second half of a recovery, by the daemon: every minion gets its newest set back, then what config.yml names
 * beside is summoned. One that fails holds up no other, and can be restored by hand later.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../../config/write-file.ts'
import { SummonerError } from '../../errors.ts'
import type { Job, JobKind, StepContext } from '../../jobs/job.ts'
import { readApplied } from '../../minions/applied.ts'
import { INSTANCE_FILE } from '../../templates/read-instance.ts'
import type { BackupDeps } from '../deps.ts'
import { readManifest } from '../manifest.ts'
import type { RestoreInput } from '../restore.ts'
import { adoptSets } from './adopt.ts'
import { readRecovery, writeRecovery, type Recovery } from './recovery-file.ts'

const ACTOR = 'recovery'
const PROXY = 'nginx'

export function recoveryKind(deps: BackupDeps): JobKind<Record<string, never>> {
  const { state, records } = deps.dirs
  const current = (): Recovery => {
    const recovery = readRecovery(state)
    if (!recovery) throw new SummonerError('internal', 'There is no recovery to go on with.')
    return recovery
  }
  const back = (minion: string) => readApplied(records, minion)?.ready === true
  const note = (minion: string, { state: ended, problem }: Job) => {
    const recovery = current()
    if (ended === 'succeeded') delete recovery.failed[minion]
    else recovery.failed[minion] = problem?.detail ?? `The job is ${ended}.`
    writeRecovery(state, recovery)
  }
  const bring = async (minion: string, context: StepContext): Promise<void> => {
    // a job of before a crash goes on by itself
    const job = deps.jobs.active(minion) ?? (back(minion) ? undefined : submit(minion, current(), deps))
    if (!job) return
    context.log(`${minion}: ${job.kind} (job ${job.id})`)
    const ended = await deps.jobs.ended(job.id)
    context.log(`${minion}: ${ended.state}${ended.problem ? `, ${ended.problem.detail}` : ''}`)
    note(minion, ended)
  }
  const wished = () =>
    deps
      .lastGood()
      .applications.filter(
        ({ name, state: wish }) => current().sets[name] !== undefined || wish === 'running',
      )
      .map(({ name }) => name)

  return {
    kind: 'recovery',
    afterCrash: 'requeue',
    steps: () => [
      {
        name: 'sets',
        run: async (context) => {
          await deps.repository.ensure()
          const adopted = await adoptSets(deps)
          context.log(`${adopted.length} sets are listed again.`)
        },
      },
      { name: 'proxy', run: (context) => bring(PROXY, context) },
      {
        name: 'minions',
        run: async (context) => {
          const names = wished().filter((name) => name !== PROXY)
          let done = 0
          await Promise.all(
            names.map(async (name) => {
              await bring(name, context)
              context.progress(++done, names.length, 'minions', name)
            }),
          )
        },
      },
      {
        name: 'finish',
        run: async () => {
          const recovery = current()
          writeRecovery(state, { ...recovery, state: 'ended' })
          const names = Object.keys(recovery.failed)
          deps.events.append(
            names.length === 0
              ? {
                  type: 'recovery.succeeded',
                  title: `The box is back as of ${recovery.at}`,
                  data: { set: recovery.set },
                }
              : {
                  type: 'recovery.failed',
                  severity: 'error',
                  title: `The box is back, but not ${names.join(', ')}`,
                  data: { set: recovery.set, minions: names },
                },
          )
          if (names.length > 0)
            throw new SummonerError(
              'recovery.partial',
              names.map((name) => `${name}: ${recovery.failed[name]}`).join(' '),
            )
        },
      },
    ],
    result: () => ({ set: current().set, minions: Object.keys(current().sets) }),
  }
}

function submit(minion: string, { sets }: Recovery, deps: BackupDeps): Job {
  const set = minion === PROXY ? undefined : sets[minion]
  if (set === undefined) return deps.jobs.submit({ kind: 'summon', minion, input: { minion }, actor: ACTOR })
  keepImages(minion, set, deps)
  const input: RestoreInput = { minion, set }
  return deps.jobs.submit({ kind: 'restore', minion, input, actor: ACTOR })
}

/** Where images come from was decided on the server that is gone; files of a database fit no other version. */
function keepImages(minion: string, set: string, { sets, dirs, now }: BackupDeps): void {
  const { template, images } = readManifest(sets.restorable(set).manifest, set)
  const dir = join(dirs.minions, minion)
  const file = join(dir, INSTANCE_FILE)
  if (existsSync(file)) return
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const instance = {
    template: template.name,
    revision: template.revision,
    images: images.source,
    subnets: {},
    createdAt: now().toISOString(),
  }
  writeFileAtomic(file, `${JSON.stringify(instance, null, 2)}\n`, { mode: 0o600 })
}
