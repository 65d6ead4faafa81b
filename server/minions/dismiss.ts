/** Dismiss: the containers go, the data and the `.env` stay; with `purge` they go too, after a last archive. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removeApplication } from '../config/edits.ts'
import * as compose from '../docker/compose.ts'
import { SummonerError } from '../errors.ts'
import { serverEngine } from '../templates/shared-database.ts'
import type { JobKind, StepContext } from '../jobs/job.ts'
import { existsSync } from 'node:fs'
import { endChange, readApplied, removeApplied } from './applied.ts'
import { writeArchive } from './archive.ts'
import type { DatabaseMove } from './database-move.ts'
import type { MinionDeps } from './deps.ts'

export interface DismissInput {
  minion: string
  purge: boolean
}

export interface DismissDeps extends MinionDeps {
  move: Pick<DatabaseMove, 'server' | 'save' | 'purge'>
}

export function dismissKind(deps: DismissDeps): JobKind<DismissInput> {
  return {
    kind: 'dismiss',
    afterCrash: 'requeue',
    steps: ({ minion, purge }) => {
      /** Known from files that a purge takes away. */
      let server: string | undefined
      return [
        ...(purge
          ? [{ name: 'last dump', run: (context: StepContext) => deps.move.save(minion, context) }]
          : []),
        { name: 'config', run: () => forget(minion, deps), uncancellable: true },
        { name: 'containers', run: (context) => takeDown(minion, deps, context), uncancellable: true },
        { name: 'proxy', run: () => stopServing(minion, deps), uncancellable: true },
        ...(purge
          ? [
              { name: 'archive', run: (context: StepContext) => archive(minion, deps, context) },
              {
                name: 'data',
                uncancellable: true,
                run: async (context: StepContext) => {
                  server = deps.move.server(minion)
                  await deps.move.purge(minion, context)
                  await deleteData(minion, deps)
                },
              },
            ]
          : []),
        {
          name: 'server',
          run: async () => {
            const left = server ?? deps.move.server(minion)
            if (left !== undefined) deps.databases.release(left)
          },
        },
      ]
    },
  }
}

async function forget(minion: string, deps: MinionDeps): Promise<void> {
  const users = serverEngine(minion) ? deps.databases.tenants(minion) : []
  if (users.length > 0)
    throw new SummonerError('database.used', `${minion} holds the databases of ${users.join(', ')}.`)
  if (minion === 'nginx') throw new SummonerError('minion.required', 'nginx is the proxy of this box.')
  const { config } = deps.config.read()
  if (config.applications.some(({ name }) => name === minion))
    await deps.config.edit(removeApplication(minion))
}

/** By compose where its files are there; what it leaves behind goes by our own labels, never by name alone. */
async function takeDown(minion: string, deps: MinionDeps, context: StepContext): Promise<void> {
  const dir = join(deps.dirs.minions, minion)
  const project = readApplied(deps.dirs.records, minion)?.project ?? `${deps.box.projectPrefix}${minion}`
  await deps.databases.connect(minion, project, undefined)
  if (existsSync(join(dir, 'compose.override.yml')))
    await deps.exec(compose.down({ project, dir }), { onLine: context.log, timeoutMs: 900_000 })
  await deps.projection.refresh()
  for (const container of deps.projection.ours(minion)) await deps.engine.remove(container.id)
  await deps.projection.refresh()
}

async function stopServing(minion: string, deps: MinionDeps): Promise<void> {
  removeApplied(deps.dirs.records, minion)
  endChange(deps.dirs.records, minion)
  deps.formerHosts.removeOf(minion)
  await deps.syncProxy()
  deps.events.append({ type: 'minion.dismissed', minion, title: `${minion} was dismissed` })
}

async function archive(minion: string, deps: DismissDeps, context: StepContext): Promise<void> {
  const { config } = deps.config.read()
  const own = foldersOf(minion, config, deps)
  // what lies on a shared server is in no folder but that of its dumps
  if (deps.move.server(minion) !== undefined) own.push({ path: join(deps.dirs.dumps, minion), name: 'dumps' })
  const folders = own.filter(({ path }) => existsSync(path))
  if (folders.length === 0) return
  const stamp = deps.now().toISOString().replace(/[:.]/g, '-')
  const file = join(deps.dirs.archives, `${minion}-${stamp}.tar.gz`)
  const bytes = await writeArchive(file, folders, {
    signal: context.signal,
    onProgress: (done, total) => context.progress(done, total, 'files'),
  })
  context.log(`Archived ${bytes} bytes in ${file}`)
}

async function deleteData(minion: string, deps: MinionDeps): Promise<void> {
  const { config } = deps.config.read()
  for (const { path } of foldersOf(minion, config, deps)) await rm(path, { recursive: true, force: true })
}

function foldersOf(minion: string, config: { vsroot: string; dbsroot: string }, deps: MinionDeps) {
  return [
    { path: join(config.vsroot, minion), name: 'volumes' },
    { path: join(config.dbsroot, minion), name: 'database' },
    { path: join(deps.dirs.minions, minion), name: 'instance' },
  ]
}
