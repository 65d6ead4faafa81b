/**
 * The database of a set, where it lies on a shared server: loaded under a name of its own beside the one in use, before
 * anything is stopped. The minion's `.env` says which of the two is its own, so the exchange of folders decides that too.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Application } from '../config/config.ts'
import { writeFileAtomic } from '../config/write-file.ts'
import { SummonerError } from '../errors.ts'
import type { StepContext } from '../jobs/job.ts'
import type { SharedDatabase } from '../templates/shared-database.ts'
import { readDotenv } from '../templates/dotenv.ts'
import type { BackupDeps } from './deps.ts'
import type { Manifest } from './manifest.ts'
import { proofEnv } from './proof-files.ts'
import { targetOn } from './target.ts'

/** Where the minion's database lies by its wish; `restore.database` where the set's lay elsewhere. */
export function databaseOf(
  entry: Application,
  manifest: Manifest,
  deps: BackupDeps,
): SharedDatabase | undefined {
  const { database } = deps.wishes.renderOne(entry, deps.lastGood()).rendered
  if ((database === undefined) === (manifest.database === undefined)) return database
  const then = manifest.database ? 'shared' : 'dedicated'
  throw new SummonerError(
    'restore.database',
    `When ${manifest.set} was made its database was ${then}; ${entry.name} wishes a ${entry.database} one.`,
    { hint: `Write \`database: ${then}\` for it in config.yml, apply, restore, then change it back.` },
  )
}

interface LoadInput {
  minion: string
  manifest: Manifest
  database: SharedDatabase
  /** The `.env` that the exchange will put in place. */
  envFile: string
  /** For the dump, until it is loaded. */
  scratch: string
}

/** Resolves with the name it was loaded under, which stands in the `.env` then. */
export async function loadBeside(
  { minion, manifest, database, envFile, scratch }: LoadInput,
  deps: BackupDeps,
  context: StepContext,
): Promise<string> {
  const { template } = manifest
  const declared = deps.catalog
    .get(template.name)
    .description.dumps?.find(({ service }) => service === database.service)
  const dump = manifest.dumps.find(({ service }) => service === database.service)
  if (!declared || !dump)
    throw new SummonerError('restore.database', `${manifest.set} holds no dump of ${database.service}.`)
  await deps.databases.awaitServer(database, context)
  const name = await deps.databases.freeName(minion, database.server)
  const before = readFileSync(envFile, 'utf8')
  const text = proofEnv(before, {
    DATABASE_NAME: name,
    DATABASE_USER: name,
    DATABASE_SERVER: database.server,
  })
  const kept = readDotenv(text)
  const password = kept[database.passwordEnv] ?? ''
  try {
    await deps.databases.provide(minion, { ...database, database: name, user: name }, password, context)
    await deps.repository.restore({
      snapshot: manifest.snapshots.data,
      target: scratch,
      include: [dump.file],
      signal: context.signal,
    })
    const [container] = deps.projection.ours(database.server)
    if (!container) throw new SummonerError('database.server', `${database.server} does not run.`)
    const target = targetOn(
      { minion, declared, engine: database.engine, container, kept, dir: scratch },
      [],
      database,
    )
    await deps.dumps.load(join(scratch, dump.file), target, context)
  } catch (error) {
    await deps.databases.dropOne(database.server, name).catch(() => undefined)
    throw error
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  writeFileAtomic(envFile, text, { mode: 0o600 })
  context.log(`${dump.file} was loaded as ${name} on ${database.server}.`)
  return name
}

/** Of all that was loaded for a minion only what its `.env` names stays. */
export async function tidyDatabases(minion: string, deps: BackupDeps, context: StepContext): Promise<void> {
  const { DATABASE_SERVER: server, DATABASE_NAME: name } = deps.readKept(join(deps.dirs.minions, minion))
  if (!server || !name) return
  await deps.databases
    .drop(minion, server, name)
    .catch((error: unknown) => context.log(`A database stays on ${server} for now: ${String(error)}`))
}
