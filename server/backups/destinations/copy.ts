/**
 * The copy to one destination, as a job: it gets every set that it should hold and does not, newest first; what arrived
 * is read back; then, and only then, what nobody needs there any more goes. Cut short anywhere it begins again.
 */
import { SummonerError } from '../../errors.ts'
import type { JobKind, Step, StepContext } from '../../jobs/job.ts'
import { hoursOf } from '../../schedules/hours.ts'
import type { BackupDeps } from '../deps.ts'
import type { Lives } from '../lives.ts'
import type { Snapshot } from '../restic-words.ts'
import { keepOf, type Destination } from '../settings.ts'
import type { Repository } from '../repository.ts'
import { claim } from './claim.ts'
import { wantedThere, type Wanted } from './destination.ts'
import type { DestinationsStore } from './destinations-store.ts'
import type { Opened } from './open.ts'

export interface CopyInput {
  destination: string
  /** This server is the one that copies there, whoever did before. */
  takeOver?: boolean
}

export interface CopyDeps extends Pick<BackupDeps, 'repository' | 'sets' | 'now' | 'lastGood' | 'events'> {
  store: DestinationsStore
  lives: Lives
  /** `destination.unknown` when config.yml does not name it. */
  find(name: string): Destination
  open(destination: Destination): Opened
  /** Notes a failure, red until the next success. */
  failed(name: string, error: unknown): void
  cancelled(name: string): void
  recovered(name: string): void
}

/** Read at random of what lies there, each time; a smaller repository is read whole. */
const SAMPLE = '100M'

export const laneOfDestination = ({ destination }: CopyInput): string => `destination:${destination}`

export function copyKind(deps: CopyDeps): JobKind<CopyInput> {
  return {
    kind: 'copy',
    lane: laneOfDestination,
    afterCrash: 'requeue',
    steps: ({ destination, takeOver = false }) =>
      watched(destination, deps, (there) => [
        { name: 'connect', run: () => connect(destination, there(), takeOver, deps) },
        {
          name: 'copy',
          run: async (context) => {
            if (codeOf(destination, deps) === 'repository.damaged')
              await mend(destination, there(), deps, context)
            await copyMissing(destination, there(), deps, context)
          },
        },
        {
          name: 'read back',
          run: async (context) => {
            const arrived = await confirm(destination, there(), deps)
            const code = codeOf(destination, deps)
            // what was found damaged is green again when every byte was read, and not before
            if (code === 'repository.damaged') await there().check(true, context.signal)
            else if (arrived.length > 0 || code !== undefined) await there().check(SAMPLE, context.signal)
            for (const set of arrived) deps.store.hold(destination, set, deps.now().toISOString())
          },
        },
        { name: 'retention', run: (context) => retire(destination, there(), deps, context) },
        { name: 'done', run: async () => deps.recovered(destination) },
      ]),
    result: ({ destination }) => ({ destination, sets: deps.store.sets(destination).size }),
  }
}

/** The same without a copy: is what lies there whole? `all` reads every byte, else a quarter of them. */
export function checkDestinationKind(deps: CopyDeps): JobKind<CopyInput & { all?: boolean }> {
  return {
    kind: 'check-destination',
    lane: laneOfDestination,
    afterCrash: 'requeue',
    steps: ({ destination, all = false }) =>
      watched(destination, deps, (there) => [
        { name: 'connect', run: () => connect(destination, there(), false, deps) },
        {
          name: 'read',
          run: async (context) => {
            const arrived = await confirm(destination, there(), deps)
            await there().check(all || '25%', context.signal)
            for (const set of arrived) deps.store.hold(destination, set, deps.now().toISOString())
            deps.store.checked(destination, deps.now().toISOString())
          },
        },
        { name: 'done', run: async () => deps.recovered(destination) },
      ]),
  }
}

/** Steps over one open destination; whatever goes wrong in any of them is told of the destination. */
function watched(name: string, deps: CopyDeps, steps: (there: () => Repository) => Step[]): Step[] {
  let opened: Opened | undefined
  const there = (): Repository => {
    opened ??= deps.open(deps.find(name))
    return opened.repository
  }
  const all = steps(there)
  return all.map((step, index) => ({
    ...step,
    async run(context) {
      try {
        await step.run(context)
        if (index === all.length - 1) opened?.close()
      } catch (error) {
        opened?.close()
        if (context.signal.aborted) deps.cancelled(name)
        else deps.failed(name, error)
        throw error
      }
    },
  }))
}

/** The repository that is known, or a new one where nothing was yet; never another one. */
async function connect(name: string, there: Repository, takeOver: boolean, deps: CopyDeps): Promise<void> {
  const { to } = deps.find(name)
  const { repository: known } = deps.store.get(name, to)
  const found = await there.identity()
  if (found !== undefined && known !== undefined && found !== known)
    throw new SummonerError('destination.changed', `${name}: ${to} holds another repository than before.`)
  if (found === undefined && known !== undefined)
    throw new SummonerError(
      'destination.changed',
      `${name}: the repository that was at ${to} is not there.`,
      {
        hint: 'Is the disk mounted? To begin anew, give it another name in config.yml.',
      },
    )
  await deps.repository.ensure()
  if (found === undefined) {
    await deps.repository.lend((from) => there.make(from))
    const made = await there.identity()
    if (made === undefined)
      throw new SummonerError('destination.failed', `${name}: ${to} does not keep what is written there.`)
    deps.store.identify(name, made)
  } else {
    deps.store.identify(name, found)
    await there.unlock()
  }
  await claim({ name, there, lives: deps.lives, takeOver })
}

/** Sets of which both halves lie there. */
function wholeSets(snapshots: readonly Snapshot[]): Set<string> {
  const parts = new Map<string, Set<string>>()
  for (const { tags } of snapshots)
    if (tags['set'] && tags['part'])
      parts.set(tags['set'], (parts.get(tags['set']) ?? new Set<string>()).add(tags['part']))
  return new Set([...parts].filter(([, has]) => has.has('data') && has.has('manifest')).map(([set]) => set))
}

/** What belongs there, of all that is here and there. */
export function wantedAt(
  name: string,
  there: readonly { id: string; minion: string; at: string }[],
  deps: Pick<CopyDeps, 'sets' | 'find' | 'lastGood' | 'now'>,
): Wanted {
  const destination = deps.find(name)
  const config = deps.lastGood()
  const here = deps.sets.list({ state: 'good' })
  const known = new Set(here.map(({ id }) => id))
  const others = there
    .filter(({ id }) => !known.has(id))
    .map((set) => ({ ...set, startedAt: set.at, reason: 'schedule' as const }))
  return wantedThere([...here, ...others], (minion) => destination.keep ?? keepOf(config.backups, minion), {
    now: deps.now(),
    zone: hoursOf(config).zone,
  })
}

const setsOf = (snapshots: readonly Snapshot[]) => {
  const whole = wholeSets(snapshots)
  return snapshots
    .filter(({ tags }) => tags['part'] === 'data' && whole.has(tags['set'] ?? ''))
    .map(({ at, tags }) => ({ id: tags['set'] ?? '', minion: tags['minion'] ?? '', at }))
}

async function copyMissing(
  name: string,
  there: Repository,
  deps: CopyDeps,
  context: StepContext,
): Promise<void> {
  const present = await there.snapshots()
  const whole = wholeSets(present)
  const held = deps.store.sets(name)
  const lost = [...held].filter((set) => !whole.has(set))
  if (lost.length > 0) context.log(`No longer there: ${lost.join(', ')}`)
  deps.store.holds(name, new Set([...held].filter((set) => whole.has(set))), deps.now().toISOString())
  const here = await deps.repository.snapshots()
  const wholeHere = wholeSets(here)
  const missing = wantedAt(name, setsOf(present), deps).keep.filter(
    (set) => !whole.has(set) && wholeHere.has(set),
  )
  for (const [index, set] of missing.entries()) {
    context.progress(index, missing.length, 'sets', set)
    const snapshots = here.filter(
      ({ tags }) => tags['set'] === set && (tags['part'] === 'data' || tags['part'] === 'manifest'),
    )
    await deps.repository.lend((from) =>
      there.take(
        snapshots.map(({ id }) => id),
        from,
        context.signal,
      ),
    )
    context.log(`${set} is copied.`)
  }
  context.progress(missing.length, missing.length, 'sets', missing.length === 0 ? 'nothing was missing' : '')
}

const codeOf = (name: string, deps: CopyDeps) => deps.store.get(name, deps.find(name).to).code

/** What was never confirmed there comes anew: a place that takes pieces and does not keep them lists the set all the same. */
async function mend(name: string, there: Repository, deps: CopyDeps, context: StepContext): Promise<void> {
  const held = deps.store.sets(name)
  const here = wholeSets(await deps.repository.snapshots())
  const again = (await there.snapshots()).filter(
    ({ tags: { set } }) => set !== undefined && !held.has(set) && here.has(set),
  )
  if (again.length === 0) return
  context.log('What arrived last is copied again.')
  await there.forget(again.map(({ id }) => id))
  await there.reindex(context.signal)
}

/** Sets that are listed there, with a manifest that reads as it was written, and do not count as held yet. */
async function confirm(name: string, there: Repository, deps: CopyDeps): Promise<string[]> {
  const arrived: string[] = []
  const present = await there.snapshots()
  const whole = wholeSets(present)
  const held = deps.store.sets(name)
  const lost = [...held].filter((set) => !whole.has(set))
  deps.store.holds(name, new Set([...held].filter((set) => whole.has(set))), deps.now().toISOString())
  for (const { id, tags } of present) {
    const set = tags['set'] ?? ''
    if (tags['part'] !== 'manifest' || held.has(set) || !whole.has(set)) continue
    const written = deps.sets.manifestOf(set)
    if (written !== undefined && (await there.read(id, `${set}.json`)) !== written)
      throw new SummonerError('backup.unproven', `${name}: the manifest of ${set} reads differently there.`)
    arrived.push(set)
  }
  if (lost.length > 0)
    throw new SummonerError('destination.changed', `${name} no longer holds ${lost.join(', ')}.`, {
      hint: 'They are copied again where they are still here.',
    })
  return arrived
}

async function retire(name: string, there: Repository, deps: CopyDeps, context: StepContext): Promise<void> {
  const present = await there.snapshots()
  const whole = wholeSets(present)
  const { gone } = wantedAt(name, setsOf(present), deps)
  const leaving = new Set(gone.map(({ set }) => set).filter((set) => whole.has(set)))
  for (const { set, reasons } of gone) if (leaving.has(set)) context.log(`${set}: ${reasons.join('; ')}`)
  const old = present.filter(
    ({ tags: { set } }) => set !== undefined && (leaving.has(set) || !whole.has(set)),
  )
  if (old.length === 0) return
  await there.forget(old.map(({ id }) => id))
  await there.prune(context.signal)
  await there.check(false, context.signal)
  deps.store.holds(
    name,
    new Set([...deps.store.sets(name)].filter((set) => !leaving.has(set))),
    deps.now().toISOString(),
  )
}
