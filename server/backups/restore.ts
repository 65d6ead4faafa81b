/**
 * A set takes the place of a minion's data, or becomes a minion of its own (a clone, or one that was dismissed). Whatever
 * was there is saved first; what was restored is complete on disk before anything is stopped; the exchange is of
 * renames only, and goes back when the minion does not work with the restored data.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Application } from '../config/config.ts'
import { writeFileAtomic } from '../config/write-file.ts'
import * as compose from '../docker/compose.ts'
import { SummonerError } from '../errors.ts'
import type { JobKind, JournalEntry, Step, StepContext } from '../jobs/job.ts'
import { readApplied } from '../minions/applied.ts'
import { runCommand } from '../minions/run-command.ts'
import type { SummonInput } from '../minions/summon.ts'
import { backupSteps, RESERVE } from './cold.ts'
import { engineProblem } from './compatible.ts'
import type { BackupDeps } from './deps.ts'
import { foldersOf } from './folders.ts'
import type { Rest } from './halt.ts'
import { readManifest, type Manifest } from './manifest.ts'
import { databaseOf, loadBeside, tidyDatabases } from './restore-database.ts'
import { acceptSwap, endSwap, readSwap, swapBack, swapForward, writeSwap, type Exchange } from './swap.ts'

const UNQUIET_TRIES = 30

export interface RestoreInput {
  minion: string
  set: string
  /** Present when the minion is not there: its entry for config.yml. */
  application?: Application
}

export interface RestoreDeps extends BackupDeps {
  summon: JobKind<SummonInput>
}

const SWAP = 'swap'

export function restoreKind(deps: RestoreDeps): JobKind<RestoreInput> {
  return {
    kind: 'restore',
    afterCrash: 'requeue',
    steps: (input) => restoreSteps(input, deps),
    result: ({ minion, set }) => ({ set, url: readApplied(deps.dirs.records, minion)?.url }),
  }
}

async function restoreSteps(input: RestoreInput, deps: RestoreDeps): Promise<Step[]> {
  const { minion, set } = input
  const { state } = deps.dirs
  const { manifest: text, dataSnapshot } = deps.sets.restorable(set)
  // a set that came from a destination has another id here than where it was made
  const manifest = { ...readManifest(text, set), snapshots: { data: dataSnapshot } }
  /** A job that begins again after the exchange goes on from there. */
  const exchanged = (context: StepContext) => readSwap(state, minion)?.job === context.jobId
  const unless = (step: Step): Step => ({
    ...step,
    run: async (context) => {
      if (!exchanged(context)) await step.run(context)
    },
  })
  const point = readApplied(deps.dirs.records, minion) ? pointSteps(minion, deps) : []
  let rest: Rest = { minion, project: minion, services: [], quieted: false }
  let exchanges: Exchange[] = []
  let loaded: { server: string; name: string } | undefined

  const before: Step[] = [
    { name: 'check', run: () => refuse(input, manifest, deps) },
    {
      name: 'fetch',
      run: async (context) => {
        exchanges = await fetch(input, manifest, deps, context)
      },
      undo: async (context) => {
        if (!exchanged(context))
          for (const folder of scaffoldOf(minion, deps)) rmSync(folder, { recursive: true, force: true })
      },
    },
    {
      name: 'load',
      run: async (context) => {
        const database = databaseOf(entryOf(input, manifest, deps), manifest, deps)
        const env = exchanges.find(({ current }) => current.endsWith('/.env'))?.staging
        if (!database || env === undefined) return
        const scratch = join(scaffoldOf(minion, deps)[0]!, 'dump')
        const name = await loadBeside({ minion, manifest, database, envFile: env, scratch }, deps, context)
        loaded = { server: database.server, name }
      },
      undo: async (context) => {
        if (exchanged(context)) return
        if (readApplied(deps.dirs.records, minion)) return tidyDatabases(minion, deps, context)
        if (loaded) await deps.databases.dropOne(loaded.server, loaded.name)
      },
    },
    ...point.slice(0, 3),
    ...(point.length > 0
      ? [
          {
            name: 'stop',
            uncancellable: true,
            run: async (context: StepContext) => {
              rest = await deps.halt.stop(minion, context)
            },
            undo: () => deps.halt.resume(rest),
          },
        ]
      : []),
    ...point.slice(3),
    {
      name: 'exchange',
      uncancellable: true,
      run: async (context) => {
        const scaffold = scaffoldOf(minion, deps)
        const swap = {
          minion,
          set,
          job: context.jobId,
          exchanges,
          scaffold,
          rest,
          state: 'swapping' as const,
        }
        context.journal({ key: `${SWAP}:${minion}`, kind: SWAP, minion })
        writeSwap(state, swap)
        swapForward(state, swap)
        context.settle(`${SWAP}:${minion}`)
      },
      undo: () => takeBack(minion, deps),
    },
  ]
  const summon = await deps.summon.steps({
    minion,
    ...(input.application ? { application: input.application } : {}),
  })
  return [
    ...before.map(unless),
    ...summon.flatMap((step): Step[] => {
      if (step.name === 'containers')
        return [step, { name: 'wake', run: (context) => wake(minion, deps, context) }]
      if (step.name === 'healthy')
        return [step, { name: 'addresses', run: (context) => renameInside(minion, manifest, deps, context) }]
      if (step.name === 'ready')
        return [
          step,
          {
            name: 'accept',
            run: async (context) => {
              const swap = readSwap(state, minion)
              if (swap) acceptSwap(state, swap)
              await tidyDatabases(minion, deps, context)
            },
          },
        ]
      return [step]
    }),
    { name: 'finish', run: (context) => finish(input, deps, context) },
  ]
}

/** The state before, as a set of its own. */
function pointSteps(minion: string, deps: BackupDeps): Step[] {
  return backupSteps({ minion, reason: 'restore-point' }, deps).map((step) => ({
    ...step,
    name: `restore point: ${step.name}`,
  }))
}

async function refuse(
  { minion, set, application }: RestoreInput,
  manifest: Manifest,
  deps: RestoreDeps,
): Promise<void> {
  await deps.repository.ensure()
  const found = await deps.repository.snapshots({ set })
  if (!found.some(({ id, tags }) => tags['part'] === 'data' && id.startsWith(manifest.snapshots.data)))
    throw new SummonerError('set.unknown', `The repository does not hold the data of ${set} any more.`)
  const config = deps.lastGood()
  const entry = entryOf({ minion, set, ...(application ? { application } : {}) }, manifest, deps)
  const { template, rendered } = deps.wishes.renderOne(entry, config)
  if (template.name !== manifest.template.name)
    throw new SummonerError(
      'restore.occupied',
      `${set} is of ${manifest.template.name}, ${minion} is ${template.name}.`,
      {
        hint: 'Restore it as a clone: `--as NAME`.',
      },
    )
  databaseOf(entry, manifest, deps)
  const images = Object.fromEntries(rendered.services.map(({ service, image }) => [service, image]))
  const problem = engineProblem(manifest, { template, images })
  if (problem !== undefined) throw new SummonerError('restore.engine', problem)
  if (!readApplied(deps.dirs.records, minion)) refuseOccupied(minion, deps)
  const needed = manifest.count.bytes
  const free = await deps.freeBytes(config.vsroot)
  if (free < needed + RESERVE)
    throw new SummonerError(
      'disk.full',
      `${set} needs ${Math.ceil(needed / 1024 / 1024)} MiB beside the present data, but ${Math.floor(free / 1024 / 1024)} MiB are free at ${config.vsroot}.`,
    )
}

const entryOf = ({ minion, application }: RestoreInput, manifest: Manifest, deps: RestoreDeps): Application =>
  application ??
  deps.lastGood().applications.find(({ name }) => name === minion) ??
  (manifest.application as Application)

export function refuseOccupied(minion: string, deps: BackupDeps): void {
  for (const { path, name } of foldersOf(minion, { ...deps.lastGood(), minionsDir: deps.dirs.minions }))
    if (name !== 'instance' && existsSync(path) && readdirSync(path).length > 0)
      throw new SummonerError('restore.occupied', `${path} is not empty, and ${minion} is not summoned.`)
}

/** Beside the folders that they replace: a rename does not cross disks. */
function scaffoldOf(minion: string, deps: BackupDeps): string[] {
  const { vsroot, dbsroot } = deps.lastGood()
  return [vsroot, dbsroot, deps.dirs.minions].map((root) => join(root, `.restore-${minion}`))
}

/** Everything of the set, whole and on disk, where one rename puts it in place. */
async function fetch(
  { minion, set }: RestoreInput,
  manifest: Manifest,
  deps: BackupDeps,
  context: StepContext,
): Promise<Exchange[]> {
  const scaffold = scaffoldOf(minion, deps)
  for (const folder of scaffold) rmSync(folder, { recursive: true, force: true })
  const roots = { ...deps.lastGood(), minionsDir: deps.dirs.minions }
  const exchanges: Exchange[] = []
  for (const [index, { name, path: current }] of foldersOf(minion, roots).entries()) {
    const target = scaffold[index]!
    const from = manifest.folders.find((folder) => folder.name === name)?.path
    if (name === 'instance') {
      if (from) exchanges.push(await fetchSecrets({ from, current, target }, manifest, deps))
      continue
    }
    const had = existsSync(current)
    const old = join(target, 'before')
    if (from) {
      context.log(`Fetching ${from} of ${set}`)
      await deps.repository.restore({
        snapshot: manifest.snapshots.data,
        target: join(target, 'set'),
        include: [from],
        signal: context.signal,
        onProgress: ({ done, total, message }) => context.progress(done, total, 'B', message),
      })
      await deps.exec(['sync', '--file-system', target], { signal: context.signal })
      exchanges.push({ current, staging: join(target, 'set', from), old, had })
    } else if (had) exchanges.push({ current, old, had })
  }
  return exchanges
}

/** Of the instance only `.env`: its passwords are those that the restored database knows. */
async function fetchSecrets(
  { from, current, target }: { from: string; current: string; target: string },
  manifest: Manifest,
  deps: BackupDeps,
): Promise<Exchange> {
  const text = await deps.repository.read(manifest.snapshots.data, `${from.slice(1)}/.env`)
  mkdirSync(target, { recursive: true, mode: 0o700 })
  const staging = join(target, '.env')
  writeFileAtomic(staging, text, { mode: 0o600 })
  const file = join(current, '.env')
  return { current: file, staging, old: join(target, 'before.env'), had: existsSync(file) }
}

/** Also after a crash: the plan on disk knows all. */
async function takeBack(minion: string, deps: RestoreDeps): Promise<void> {
  const swap = readSwap(deps.dirs.state, minion)
  if (!swap) return
  if (swap.state !== 'accepted') {
    const dir = join(deps.dirs.minions, minion)
    if (existsSync(join(dir, 'compose.override.yml')))
      await deps.exec(compose.stop({ project: swap.rest.project, dir }), { timeoutMs: 900_000 })
    swapBack(deps.dirs.state, swap)
    await deps.halt.resume(swap.rest)
  }
  endSwap(deps.dirs.state, swap)
}

/** What quieted the application when the copy was made is in the copy. */
async function wake(minion: string, deps: RestoreDeps, context: StepContext): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      return await deps.halt.unquiet(minion)
    } catch (error) {
      if (tries === UNQUIET_TRIES) throw error
      context.log(`Not awake yet: ${error instanceof Error ? error.message : String(error)}`)
      await sleep(2_000, undefined, { signal: context.signal })
    }
}

/** The data names the host that it was saved under. */
async function renameInside(
  minion: string,
  manifest: Manifest,
  deps: RestoreDeps,
  context: StepContext,
): Promise<void> {
  const applied = readApplied(deps.dirs.records, minion)
  if (!applied || applied.url === manifest.url) return
  const commands = deps.catalog.get(applied.application.template).description.rename?.after ?? []
  const variables = deps.readKept(join(deps.dirs.minions, minion))
  const env = { OLD_HOST: manifest.host, OLD_URL: manifest.url, NEW_HOST: applied.host, NEW_URL: applied.url }
  for (const command of commands) context.log(await runCommand({ minion, command, variables, env }, deps))
}

async function finish({ minion, set }: RestoreInput, deps: RestoreDeps, context: StepContext): Promise<void> {
  const wished = deps.lastGood().applications.find(({ name }) => name === minion)
  if (wished?.state === 'stopped') {
    const project = readApplied(deps.dirs.records, minion)?.project ?? minion
    await deps.exec(compose.stop({ project, dir: join(deps.dirs.minions, minion) }), { timeoutMs: 900_000 })
    await deps.refreshMinion(minion)
    await deps.syncProxy()
  }
  deps.halt.settle(minion, context)
  deps.events.append({
    type: 'restore.succeeded',
    minion,
    title: `${minion} was restored from ${set}`,
    data: { set, job: context.jobId },
  })
  const swap = readSwap(deps.dirs.state, minion)
  if (swap) endSwap(deps.dirs.state, swap)
}

/** At boot: an exchange that was cut short is carried out; the job that asked for it goes on from there. */
export function replaySwap(entry: JournalEntry, deps: Pick<BackupDeps, 'dirs'>): boolean {
  if (entry.kind !== SWAP || !entry.minion) return false
  const swap = readSwap(deps.dirs.state, entry.minion)
  if (swap?.state === 'swapping') swapForward(deps.dirs.state, swap)
  return true
}
