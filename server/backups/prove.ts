/**
 * The proof of a set: restored from the repository into a project of its own, cut off from every network, started with
 * the set's own files, judged by the template's assertions, timed, and deleted.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { writeFileAtomic } from '../config/write-file.ts'
import * as compose from '../docker/compose.ts'
import type { Container } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'
import type { JobKind, Step, StepContext } from '../jobs/job.ts'
import { awaitAnswer } from '../minions/probe.ts'
import type { Template } from '../templates/template.ts'
import { interpolate } from '../templates/variables.ts'
import { runAssertions } from './assertions.ts'
import type { BackupDeps } from './deps.ts'
import { hostPathOf } from './host-path.ts'
import { readManifest, type Manifest } from './manifest.ts'
import { proofEnv, proofFiles, withOwnDatabase } from './proof-files.ts'
import { durationOf } from './restic-words.ts'
import type { Proof } from './set.ts'
import { targetOn } from './target.ts'

const GRACE = 60
const START_PERIOD = 120

export interface ProveInput {
  minion: string
  set: string
}

/** Where a proof lives while it runs. */
interface Place {
  root: string
  volumes: string
  database: string
  instance: string
  dumps: string
  project: string
}

export function proveKind(deps: BackupDeps): JobKind<ProveInput> {
  return {
    kind: 'prove',
    afterCrash: 'requeue',
    steps: (input) => proveSteps(input, deps),
    result: ({ set }) => deps.sets.get(set).proof,
  }
}

function proveSteps({ minion, set }: ProveInput, deps: BackupDeps): Step[] {
  const { manifest: text, dataSnapshot } = deps.sets.restorable(set)
  const manifest = { ...readManifest(text, set), snapshots: { data: dataSnapshot } }
  const place = placeOf(minion, deps)
  let since = 0
  let template: Template | undefined
  let running: Container[] = []
  let checks: Proof['checks'] = []
  const known = (): Template => (template ??= deps.catalog.get(manifest.template.name))
  const clean = (context: StepContext) => remove(place, deps, context)

  return [
    {
      name: 'check',
      // what a crash left of an earlier one
      run: async (context) => {
        deps.sets.beginProof(set, context.jobId, deps.now().toISOString())
        await clean(context)
        await deps.repository.ensure()
        known()
        const free = await deps.freeBytes(deps.lastGood().vsroot)
        if (free < manifest.count.bytes + 256 * 1024 * 1024)
          throw new SummonerError(
            'disk.full',
            `A proof of ${set} needs ${Math.ceil(manifest.count.bytes / 1048576)} MiB for a while.`,
          )
      },
    },
    {
      name: 'restore',
      run: async (context) => {
        since = performance.now()
        await restore(manifest, known(), place, deps, context)
      },
      undo: clean,
    },
    {
      name: 'start',
      run: async (context) => {
        const dir = place.instance
        await loadDatabase(manifest, known(), place, deps, context)
        await deps.exec(upOf(place), { signal: context.signal, onLine: context.log, timeoutMs: 900_000 })
        context.log(`Started in ${dir}`)
      },
      undo: clean,
    },
    {
      name: 'healthy',
      run: async (context) => {
        running = await awaitRunning(manifest, known(), place, deps, context)
      },
    },
    {
      name: 'assertions',
      run: async (context) => {
        checks = await assess(manifest, known(), place, running, deps)
        for (const { what, passed, said } of checks)
          context.log(`${passed ? 'passed' : 'FAILED'}: ${what}: ${said}`)
        const failed = checks.filter(({ passed }) => !passed)
        if (failed.length > 0)
          throw new SummonerError(
            'proof.failed',
            failed.map(({ what, said }) => `${what}: ${said}`).join('; '),
          )
      },
    },
    {
      name: 'record',
      run: async (context) => {
        const rtoMs = Math.round(performance.now() - since)
        const now = deps.now()
        const rpoMs = Math.max(0, now.getTime() - Date.parse(manifest.at))
        deps.sets.endProof(context.jobId, { at: now.toISOString(), passed: true, rtoMs, rpoMs, checks })
        deps.events.append({
          type: 'proof.succeeded',
          minion,
          title: `${set} was restored and works: back within ${durationOf(rtoMs / 1000)}`,
          data: { set, job: context.jobId, rtoMs, rpoMs },
        })
      },
    },
    { name: 'clean', run: clean },
  ]
}

function placeOf(minion: string, deps: BackupDeps): Place {
  const root = join(deps.lastGood().vsroot, `.proof-${minion}`)
  return {
    root,
    volumes: join(root, 'volumes'),
    database: join(root, 'database'),
    instance: join(root, 'instance'),
    dumps: join(root, 'dumps'),
    project: `${deps.box.projectPrefix}proof-${minion}`,
  }
}

async function restore(
  manifest: Manifest,
  template: Template,
  place: Place,
  deps: BackupDeps,
  context: StepContext,
): Promise<void> {
  const { minion } = manifest
  for (const name of ['volumes', 'database', 'instance'] as const) {
    const folder = manifest.folders.find((folder) => folder.name === name)
    if (!folder) continue
    const target = join(place.root, `fetch-${name}`)
    mkdirSync(target, { recursive: true, mode: 0o700 })
    await deps.repository.restore({
      snapshot: manifest.snapshots.data,
      target,
      include: [folder.path],
      verify: true,
      signal: context.signal,
      onProgress: ({ done, total, message }) => context.progress(done, total, 'B', message),
    })
    const to = name === 'instance' ? place.instance : join(place[name], minion)
    mkdirSync(dirname(to), { recursive: true })
    renameSync(join(target, folder.path), to)
  }
  const { database } = manifest
  if (database) await prepareDatabase(manifest, template, place, deps, context)
  // the user of a container has to reach its mounts
  await deps.exec([
    'chmod',
    '0755',
    place.root,
    place.volumes,
    ...(existsSync(place.database) ? [place.database] : []),
  ])
  const read = (file: string) => readFileSync(join(place.instance, file), 'utf8')
  const text = read('compose.yml')
  const image = manifest.images.services.find(({ service }) => service === database?.service)?.reference
  const files = proofFiles({
    compose: text,
    override: read('compose.override.yml'),
    project: place.project,
    host: manifest.host,
    boxId: deps.box.id,
    built: {
      ...(await builtImages(text, manifest, deps)),
      ...(database && image !== undefined ? { [database.service]: image } : {}),
    },
  })
  const write = (file: string, text: string) =>
    writeFileAtomic(join(place.instance, file), text, { mode: 0o600 })
  if (database) write('compose.override.yml', withOwnDatabase(read('compose.override.yml'), database.service))
  write('compose.proof.yml', files.text)
  write(
    '.env',
    proofEnv(read('.env'), {
      VOLUME_STORAGE_ROOT: place.volumes,
      DATABASE_STORAGE_ROOT: place.database,
      COMPOSE_PROJECT_NAME: place.project,
    }),
  )
}

/** What compose built bears the minion's name; the very image of the set where it is still here. */
async function builtImages(
  text: string,
  { images, minion }: Manifest,
  { engine }: BackupDeps,
): Promise<Record<string, string>> {
  const { services = {} } = parse(text) as { services?: Record<string, { build?: unknown }> }
  const built: Record<string, string> = {}
  for (const { service, reference, id } of images.services) {
    if (services[service]?.build === undefined) continue
    const here = (await engine.image(id)) ? id : (await engine.image(reference)) && reference
    if (!here)
      throw new SummonerError('proof.impossible', `The image of ${service}, ${reference}, is not here.`, {
        hint: `\`summoner apply ${minion}\` builds it again.`,
      })
    built[service] = here
  }
  return built
}

const layersOf = (place: Place) => ({
  project: place.project,
  dir: place.instance,
  layers: ['compose.proof.yml'],
})
const upOf = (place: Place, services: readonly string[] = []) => compose.up(layersOf(place), { services })

/** The dump beside the folders, and an empty folder for a server that only this copy has. */
async function prepareDatabase(
  { minion, database, dumps, snapshots }: Manifest,
  { description }: Template,
  place: Place,
  deps: BackupDeps,
  context: StepContext,
): Promise<void> {
  const dump = dumps.find(({ service }) => service === database?.service)
  if (!dump) throw new SummonerError('proof.failed', 'The set holds no dump of its database.')
  await deps.repository.restore({
    snapshot: snapshots.data,
    target: place.dumps,
    include: [dump.file],
    verify: true,
    signal: context.signal,
  })
  const env = {
    MINION: minion,
    VOLUME_STORAGE_ROOT: place.volumes,
    DATABASE_STORAGE_ROOT: place.database,
  }
  await deps.createFolders(
    (description.data ?? [])
      .filter((data) => data.service === database?.service)
      .map(({ path, owner, mode }) => ({
        path: interpolate(path, env),
        ...(owner ? { owner } : {}),
        ...(mode ? { mode } : {}),
      })),
  )
}

/** Where a shared server stood in for it, the minion's database runs here by itself and is filled from the dump. */
async function loadDatabase(
  manifest: Manifest,
  template: Template,
  place: Place,
  deps: BackupDeps,
  context: StepContext,
): Promise<void> {
  const { database, minion } = manifest
  const dump = manifest.dumps.find(({ service }) => service === database?.service)
  const declared = template.description.dumps?.find(({ service }) => service === database?.service)
  if (!database || !dump || !declared) return
  await deps.exec(upOf(place, [database.service]), {
    signal: context.signal,
    onLine: context.log,
    timeoutMs: 900_000,
  })
  const [container] = await awaitContainers(START_PERIOD + GRACE, [], place, deps, context)
  if (!container) throw new SummonerError('proof.failed', `${database.service} did not start.`)
  const kept = deps.readKept(place.instance)
  const target = targetOn({ minion, declared, engine: database.engine, container, kept, dir: place.instance })
  await deps.dumps.load(join(place.dumps, dump.file), target, context)
}

const containersOf = async ({ project }: Place, deps: BackupDeps) =>
  deps.engine.listContainers({ labels: [`com.docker.compose.project=${project}`] })

/** Every lasting container that is there runs and is healthy. */
async function awaitContainers(
  within: number,
  oneshots: readonly string[],
  place: Place,
  deps: BackupDeps,
  context: StepContext,
): Promise<Container[]> {
  const deadline = deps.now().getTime() + within * 1000
  for (;;) {
    context.signal.throwIfAborted()
    const containers = await containersOf(place, deps)
    const lasting = containers.filter(({ service }) => !oneshots.includes(service ?? ''))
    const waiting = lasting.filter(
      ({ state, health }) => state !== 'running' || !['none', 'healthy'].includes(health),
    )
    const ended = lasting.find(({ state, exitCode }) => state === 'exited' && exitCode !== 0)
    const broken = containers.find(({ state, exitCode }) => state === 'exited' && exitCode !== 0)
    if (ended ?? broken)
      throw new SummonerError(
        'proof.failed',
        `${(ended ?? broken)?.service} ended with code ${(ended ?? broken)?.exitCode}.`,
      )
    context.progress(lasting.length - waiting.length, lasting.length, 'containers')
    if (waiting.length === 0 && lasting.length > 0) return containers
    if (deps.now().getTime() > deadline)
      throw new SummonerError('proof.failed', `${waiting[0]?.service} is not healthy after ${within} s.`)
    await sleep(500, undefined, { signal: context.signal })
  }
}

/** Every lasting container runs and is healthy, and the address answers as the template says. */
async function awaitRunning(
  manifest: Manifest,
  template: Template,
  place: Place,
  deps: BackupDeps,
  context: StepContext,
): Promise<Container[]> {
  const { health = {}, web = [] } = template.description
  const within = (health.start_period ?? START_PERIOD) + GRACE
  await awaitContainers(within, health.oneshot ?? [], place, deps, context)
  const containers = await containersOf(place, deps)
  const [front] = web
  const address = front && addressOf(containers.find(({ service }) => service === front.service))
  if (front && address && health.path)
    await awaitAnswer(
      { address, port: front.port, host: manifest.host, path: health.path },
      { status: health.status, json: health.json },
      { withinSeconds: GRACE, signal: context.signal, onTry: (why) => context.log(`${health.path}: ${why}`) },
    )
  return containers
}

const addressOf = (container: Container | undefined): string | undefined =>
  Object.values(container?.networks ?? {}).find((address) => address !== '')

function assess(
  manifest: Manifest,
  template: Template,
  place: Place,
  containers: Container[],
  deps: BackupDeps,
): Promise<Proof['checks']> {
  const { minion, url, files } = manifest
  const roots = { vsroot: place.volumes, dbsroot: place.database, minionsDir: dirname(place.instance) }
  return runAssertions({
    template,
    services: Object.fromEntries(
      containers.flatMap((container) =>
        container.service
          ? [[container.service, { id: container.id, address: addressOf(container) ?? '' }]]
          : [],
      ),
    ),
    // as a browser names it: applications send everybody else to their own address
    host: new URL(url).host,
    env: deps.readKept(place.instance),
    hostPath: (service, path) => hostPathOf(minion, template, service, path, roots),
    recorded: files,
    engine: deps.engine,
  })
}

/** By compose where its files are there; what that leaves goes by label and name. */
async function remove(place: Place, deps: BackupDeps, context: StepContext): Promise<void> {
  if (existsSync(join(place.instance, 'compose.proof.yml')))
    await deps
      .exec(compose.down(layersOf(place), 5), { timeoutMs: 300_000 })
      .catch((error: unknown) => context.log(String(error)))
  for (const { id, labels } of await containersOf(place, deps))
    if (labels['io.summoner.box'] === deps.box.id && labels['io.summoner.kind'] === 'task')
      await deps.engine.remove(id)
  for (const { id, labels } of await deps.engine.listNetworks())
    if (labels['com.docker.compose.project'] === place.project && labels['io.summoner.box'] === deps.box.id)
      await deps.engine.removeNetwork(id)
  rmSync(place.root, { recursive: true, force: true })
}
