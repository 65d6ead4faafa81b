/** Bundles, put together: the jobs that make and take them, their files, their routes. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../../config/write-file.ts'
import { SummonerError } from '../../errors.ts'
import type { Job, JobKind } from '../../jobs/job.ts'
import type { BackupDeps } from '../deps.ts'
import { createRepository } from '../repository.ts'
import { bundlesRoutes } from './bundles.routes.ts'
import { bundleKind } from './create-bundle.ts'
import type { BundleDeps } from './deps.ts'
import { importKind } from './import-bundle.ts'

const WORK = '.work-'

export function createBundles(room: BackupDeps & { readable(length: number): string }) {
  const folder = join(room.dirs.backups, 'bundles')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const workOf = (work: string) => join(folder, `${WORK}${work}`)
  const passwordOf = (work: string) => join(workOf(work), 'password')
  const deps: BundleDeps = {
    ...room,
    folder,
    workOf,
    repositoryIn: (work) =>
      createRepository({
        exec: room.exec,
        location: join(workOf(work), 'repository'),
        passwordFile: passwordOf(work),
        cacheDir: join(room.dirs.backups, 'cache'),
      }),
  }
  /** On disk until the job ends, so that a restart of the daemon does not lose it; never in the job itself. */
  const keepPassword = (password: string): string => {
    const work = room.readable(12)
    mkdirSync(workOf(work), { mode: 0o700 })
    writeFileAtomic(passwordOf(work), `${password}\n`, { mode: 0o600 })
    room.redactor.add(password)
    return work
  }
  const submit = (
    kind: string,
    input: object,
    job: { minion?: string; actor: string; password: string },
  ): Job =>
    room.jobs.submit({
      kind,
      ...(job.minion === undefined ? {} : { minion: job.minion }),
      input: { ...input, work: keepPassword(job.password) },
      actor: job.actor,
    })
  const pathOf = (file: string): string => {
    const path = join(folder, file)
    if (!existsSync(path)) throw new SummonerError('bundle.unknown', `There is no bundle ${file}.`)
    return path
  }

  return {
    kinds: [bundleKind(deps), importKind(deps)] as JobKind[],
    routes: bundlesRoutes({ ...deps, readable: room.readable, submit, pathOf }),
    /** Boot: work folders of jobs that are over, and halves of files. */
    start(): void {
      const open = [...room.jobs.list({ state: 'queued' }), ...room.jobs.list({ state: 'running' })]
      const busy = open.some(({ kind }) => kind === 'bundle' || kind === 'import-bundle')
      if (busy) return
      for (const name of readdirSync(folder))
        if (name.startsWith(WORK) || name.endsWith('.tmp'))
          rmSync(join(folder, name), { recursive: true, force: true })
    },
  }
}
