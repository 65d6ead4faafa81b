/**
 * A backup of one minion in two passes: the first copies everything while it runs, the second only what changed since,
 * while it rests. The minion runs again before anything slow; then the manifest makes the copy a set.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { SummonerError } from '../errors.ts'
import type { JobKind, Step, StepContext } from '../jobs/job.ts'
import { readApplied, type Applied } from '../minions/applied.ts'
import { withoutDatabase } from '../templates/shared-database.ts'
import type { Template } from '../templates/template.ts'
import type { BackupDeps } from './deps.ts'
import { dataPaths, foldersOf, sizeOf, type Roots } from './folders.ts'
import { hostPathOf } from './host-path.ts'
import {
  MANIFEST_VERSION,
  OWN_DATABASE_VERSION,
  readManifest,
  writeManifest,
  type Manifest,
  type SetFolder,
} from './manifest.ts'
import type { Copied } from './restic-words.ts'
import { setIdOf, type Reason } from './set.ts'

/** Bytes that stay free on a disk, whatever is copied to it. */
export const RESERVE = 256 * 1024 * 1024

export interface BackupInput {
  minion: string
  reason: Reason
  /** Stop it even where a copy of the running thing is whole. */
  stop?: boolean
}

/** What the steps hand on to each other. */
interface Work {
  id: string
  applied: Applied
  template: Template | undefined
  folders: SetFolder[]
  exclude: string[]
  stop: boolean
  dumps: Manifest['dumps']
  warm?: Copied
  copy?: Copied
  at?: string
  downtimeMs: number
  files: Manifest['files']
  manifest?: { snapshot: string; text: string }
}

export function backupKind(deps: BackupDeps): JobKind<BackupInput> {
  return {
    kind: 'backup',
    afterCrash: 'requeue',
    steps: (input) => backupSteps(input, deps),
    result: ({ minion }) => {
      const set = deps.sets.list({ minion, state: 'good', limit: 1 })[0]
      return set && { set: set.id, bytes: set.bytes, added: set.added, downtimeMs: set.downtimeMs }
    },
  }
}

export function backupSteps(input: BackupInput, deps: BackupDeps): Step[] {
  const { minion } = input
  let work: Work | undefined
  const current = (): Work => {
    if (!work) throw new SummonerError('internal', 'A step ran before the backup was prepared.')
    return work
  }
  return [
    {
      name: 'check',
      run: async (context) => {
        work = await prepare(input, deps, context)
      },
    },
    {
      name: 'dumps',
      run: async (context) => {
        // on a shared server it is all that the set has of the database: taken when the files are
        if (!dumpsAtRest(current())) current().dumps = await dump(minion, deps, context)
      },
    },
    { name: 'first pass', run: (context) => copyWarm(current(), minion, deps, context) },
    { name: 'second pass', run: (context) => copyAtRest(current(), minion, deps, context) },
    { name: 'manifest', run: () => describe(current(), minion, deps) },
    { name: 'read back', run: (context) => confirm(current(), minion, deps, context) },
  ]
}

const dumpsAtRest = ({ applied, stop }: Work) => applied.database !== undefined && stop

/** Of databases that run: the files of one that is stopped are whole as they are. */
async function dump(minion: string, deps: BackupDeps, context: StepContext): Promise<Manifest['dumps']> {
  const declared = deps.dumps.declared(minion)
  if (declared === 0) return []
  const shared = readApplied(deps.dirs.records, minion)?.database !== undefined
  if (!shared && !deps.projection.ours(minion).some(({ state }) => state === 'running')) {
    context.log('It does not run: its database is saved as files only.')
    return []
  }
  const taken = await deps.dumps.take(minion, context)
  return taken.map(({ service, engine, database, path, sha256, bytes }) => ({
    service,
    engine,
    database,
    file: path,
    sha256,
    bytes,
  }))
}

async function prepare(input: BackupInput, deps: BackupDeps, context: StepContext): Promise<Work> {
  const { minion, reason } = input
  const applied = readApplied(deps.dirs.records, minion)
  if (!applied)
    throw new SummonerError('minion.unknown', `${minion} was never summoned, so there is nothing to save.`)
  const found = deps.catalog.list().find(({ name }) => name === applied.application.template)
  const template = found && applied.database ? withoutDatabase(found, applied.database.service) : found
  const volumes = Object.keys(template?.compose.volumes ?? {})
  if (volumes.length > 0)
    throw new SummonerError(
      'backup.uncovered',
      `${minion} keeps data in the named ${volumes.length > 1 ? 'volumes' : 'volume'} ${volumes.join(', ')}, which lies outside its folders.`,
    )
  const roots = rootsOf(deps)
  const folders = foldersOf(minion, roots).filter(({ path }) => existsSync(path))
  const started = deps.now()
  const id = setIdOf(minion, started, deps.sets.has)
  deps.sets.begin({ id, minion, job: context.jobId, reason, startedAt: started.toISOString() })
  await deps.repository.ensure()
  await refuseFullDisk(minion, folders, deps)
  const databases = template ? dataPaths(minion, template, roots, 'database') : []
  const cold = template?.description.backup?.consistency !== 'hot'
  return {
    id,
    applied,
    template,
    folders,
    exclude: template ? dataPaths(minion, template, roots, 'cache').map((path) => `${path}/*`) : [],
    // the files of a database are whole only while it is stopped
    stop: input.stop === true || cold || databases.length > 0,
    dumps: [],
    downtimeMs: 0,
    files: [],
  }
}

const rootsOf = (deps: BackupDeps): Roots => {
  const { vsroot, dbsroot } = deps.lastGood()
  return { vsroot, dbsroot, minionsDir: deps.dirs.minions }
}

/** A first copy may need as much as there is; later ones about what the last one needed. */
async function refuseFullDisk(minion: string, folders: SetFolder[], deps: BackupDeps): Promise<void> {
  const last = deps.sets.list({ minion, state: 'good', limit: 1 })[0]
  const sizes = last ? [] : await Promise.all(folders.map(({ path }) => sizeOf(path)))
  const needed = last ? (last.added ?? 0) * 2 : sizes.reduce((sum, size) => sum + size, 0)
  const free = await deps.freeBytes(deps.dirs.backups)
  if (free >= needed + RESERVE) return
  const mib = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MiB`
  throw new SummonerError(
    'disk.full',
    `A backup of ${minion} may need ${mib(needed)} and ${mib(RESERVE)} must stay free, but only ${mib(free)} are free at ${deps.dirs.backups}.`,
  )
}

const pathsOf = ({ folders, dumps }: Work) => [
  ...folders.map(({ path }) => path),
  ...dumps.map(({ file }) => file),
]

async function copyWarm(work: Work, minion: string, deps: BackupDeps, context: StepContext): Promise<void> {
  const before = (await deps.repository.snapshots({ minion, part: 'data' })).at(-1)
  work.warm = await deps.repository.copy({
    paths: pathsOf(work),
    exclude: work.exclude,
    tags: { minion, part: 'warm', set: work.id },
    ...(before ? { parent: before.id } : {}),
    signal: AbortSignal.any([context.signal, deps.halt.closing]),
    warm: true,
    onProgress: ({ done, total, message }) => context.progress(done, total, 'B', message),
  })
  context.log(`${work.warm.files} files, ${work.warm.bytes} bytes, ${work.warm.added} new in the repository`)
}

async function copyAtRest(work: Work, minion: string, deps: BackupDeps, context: StepContext): Promise<void> {
  const { warm } = work
  const { result, downtimeMs } = await deps.halt.during({ minion, stop: work.stop }, context, async () => {
    work.at = deps.now().toISOString()
    if (dumpsAtRest(work)) work.dumps = await dump(minion, deps, context)
    const copy = await deps.repository.copy({
      paths: pathsOf(work),
      exclude: work.exclude,
      tags: { minion, part: 'data', set: work.id },
      ...(warm ? { parent: warm.snapshot } : {}),
      signal: AbortSignal.any([context.signal, deps.halt.closing]),
      onProgress: ({ done, total, message }) => context.progress(done, total, 'B', message),
    })
    work.files = await hashFiles(work, minion, deps)
    return copy
  })
  work.copy = result
  work.downtimeMs = downtimeMs
  context.log(
    downtimeMs > 0
      ? `It did not run for ${(downtimeMs / 1000).toFixed(1)} s; ${result.added} bytes had changed.`
      : `It kept running; ${result.added} bytes had changed.`,
  )
}

/** The files that the template's assertions name, as they are in this copy. */
async function hashFiles({ template }: Work, minion: string, deps: BackupDeps): Promise<Manifest['files']> {
  const found: Manifest['files'] = []
  for (const { file } of template?.description.verify ?? []) {
    const { service, path } = (file ?? {}) as { service?: string; path?: string }
    const place = template && service && path && hostPathOf(minion, template, service, path, rootsOf(deps))
    const bytes = place ? await readFile(place).catch(() => undefined) : undefined
    if (service && path && bytes)
      found.push({ service, path, sha256: createHash('sha256').update(bytes).digest('hex') })
  }
  return found
}

async function describe(work: Work, minion: string, deps: BackupDeps): Promise<void> {
  const { applied, copy, at, template } = work
  if (!copy || !at)
    throw new SummonerError('internal', 'The manifest was asked for before the copy was made.')
  const { database } = applied
  // the proof runs the database by itself, so it needs to know what it is
  const server = database && readApplied(deps.dirs.records, database.server)?.services[0]
  const all = [
    ...applied.services,
    ...(database && server ? [{ service: database.service, image: server.image }] : []),
  ]
  const services = await Promise.all(
    all.map(async ({ service, image: reference }) => {
      const image = await deps.engine.image(reference)
      return { service, reference, id: image?.id ?? '', digests: image?.digests ?? [] }
    }),
  )
  const manifest: Manifest = {
    version: applied.database ? MANIFEST_VERSION : OWN_DATABASE_VERSION,
    set: work.id,
    box: deps.box.id,
    minion,
    summoner: deps.version,
    at,
    stopped: work.stop,
    domain: deps.lastGood().domain,
    host: applied.host,
    url: applied.url,
    application: applied.application,
    template: {
      name: applied.application.template,
      revision: template?.description.revision ?? 0,
      hash: applied.templateHash,
    },
    images: { source: applied.images, services },
    folders: [...work.folders, ...work.dumps.map(({ file }) => ({ name: 'dumps' as const, path: file }))],
    dumps: work.dumps,
    files: work.files,
    ...(database
      ? {
          database: {
            server: database.server,
            engine: database.engine,
            series: database.series,
            service: database.service,
          },
        }
      : {}),
    snapshots: { data: copy.snapshot },
    count: { files: copy.files, bytes: copy.bytes },
  }
  const text = writeManifest(manifest)
  const snapshot = await deps.repository.keep(`${work.id}.json`, text, {
    minion,
    part: 'manifest',
    set: work.id,
  })
  work.manifest = { snapshot, text }
}

/** Green only if what the repository gives back is what was meant, and every piece it names is there. */
async function confirm(work: Work, minion: string, deps: BackupDeps, context: StepContext): Promise<void> {
  const { copy, manifest, warm, at } = work
  if (!copy || !manifest || !at) throw new SummonerError('internal', 'Nothing was written yet.')
  const text = await deps.repository.read(manifest.snapshot, `${work.id}.json`)
  if (text !== manifest.text)
    throw new SummonerError(
      'backup.unproven',
      `The manifest of ${work.id} reads differently from how it was written.`,
    )
  readManifest(text, work.id)
  await deps.repository.check(false, context.signal)
  const snapshots = await deps.repository.snapshots({ minion })
  if (!snapshots.some(({ id, tags }) => id.startsWith(copy.snapshot) && tags['set'] === work.id))
    throw new SummonerError('backup.unproven', `The repository does not list the copy of ${work.id}.`)
  deps.sets.finish(work.id, {
    at,
    endedAt: deps.now().toISOString(),
    stopped: work.stop,
    downtimeMs: work.downtimeMs,
    files: copy.files,
    bytes: copy.bytes,
    added: copy.added + (warm?.added ?? 0),
    dataSnapshot: copy.snapshot,
    manifestSnapshot: manifest.snapshot,
    manifest: text,
  })
  deps.events.append({
    type: 'backup.succeeded',
    minion,
    title: `${minion} was backed up: ${work.id}`,
    data: { set: work.id, job: context.jobId, bytes: copy.bytes, downtimeMs: work.downtimeMs },
  })
  // head starts, and copies that a crash left without a manifest
  const whole = new Set(
    snapshots.filter(({ tags }) => tags['part'] === 'manifest').map(({ tags }) => tags['set']),
  )
  const rests = snapshots.filter(({ tags }) => tags['part'] === 'warm' || !whole.has(tags['set']))
  await deps.repository
    .forget(rests.map(({ id }) => id))
    .catch((error: unknown) => context.log(`Head starts stay in the repository: ${String(error)}`))
}
