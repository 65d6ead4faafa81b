/** The making of a bundle, as a job: a set of now (or one that is named) in a repository of its own, in one file. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { SummonerError } from '../../errors.ts'
import type { JobKind, Step, StepContext } from '../../jobs/job.ts'
import { backupSteps } from '../cold.ts'
import { readManifest } from '../manifest.ts'
import { BUNDLE_VERSION, SUFFIX } from './bundle.ts'
import type { BundleDeps } from './deps.ts'
import { saveImages } from './images.ts'
import { readBundle } from './read-bundle.ts'
import { writeBundle } from './write-bundle.ts'

export interface BundleInput {
  minion: string
  /** Default: one that is made first. */
  set?: string
  /** Its images too. */
  images?: boolean
  /** Name of the work folder, which holds the password. */
  work: string
}

export function bundleKind(deps: BundleDeps): JobKind<BundleInput> {
  return {
    kind: 'bundle',
    afterCrash: 'requeue',
    steps: (input) => steps(input, deps),
    result: (input) => {
      const set = setOf(input, deps)
      return { set, file: `${set}${SUFFIX}`, path: fileOf(set, deps) }
    },
  }
}

const fileOf = (set: string, { folder }: Pick<BundleDeps, 'folder'>) => join(folder, `${set}${SUFFIX}`)

function setOf({ minion, set }: BundleInput, { sets }: Pick<BundleDeps, 'sets'>): string {
  const found = set ?? sets.list({ minion, state: 'good', limit: 1 })[0]?.id
  if (found === undefined) throw new SummonerError('set.unknown', `${minion} has no good backup set.`)
  return found
}

function steps(input: BundleInput, deps: BundleDeps): Step[] {
  const work = deps.workOf(input.work)
  const before = input.set === undefined ? backupSteps({ minion: input.minion, reason: 'request' }, deps) : []
  return [
    ...before,
    {
      name: 'gather',
      run: async ({ signal }) => {
        const set = deps.sets.restorable(setOf(input, deps))
        const own = deps.repositoryIn(input.work)
        rmSync(join(work, 'repository'), { recursive: true, force: true })
        await deps.repository.ensure()
        await deps.repository.lend(async (from) => {
          await own.make(from)
          await own.take([set.dataSnapshot, set.manifestSnapshot], from, signal)
        })
        await own.check(true, signal)
      },
      undo: async () => rmSync(work, { recursive: true, force: true }),
    },
    ...(input.images
      ? [
          {
            name: 'images',
            run: async ({ signal, progress }: StepContext) => {
              const { id, manifest } = deps.sets.restorable(setOf(input, deps))
              const { services } = readManifest(manifest, id).images
              await saveImages(services, work, deps, {
                signal,
                onProgress: (bytes) => progress(bytes, bytes, 'B'),
              })
            },
          },
        ]
      : []),
    {
      name: 'pack',
      run: async ({ signal, progress, log }) => {
        const { id, manifest } = deps.sets.restorable(setOf(input, deps))
        const { minion, at, template } = readManifest(manifest, id)
        const about = {
          version: BUNDLE_VERSION,
          set: id,
          minion,
          template: template.name,
          summoner: deps.version,
          at,
        }
        const bytes = await writeBundle(fileOf(id, deps), work, about, {
          signal,
          onProgress: (done, total) => progress(done, total, 'B'),
        })
        log(`${bytes} bytes in ${fileOf(id, deps)}`)
      },
    },
    {
      name: 'read back',
      run: async ({ signal, progress }) => {
        const set = setOf(input, deps)
        await readBundle(fileOf(set, deps), {
          limit: Infinity,
          signal,
          onProgress: (done, total) => progress(done, total, 'B'),
        }).catch((error: unknown) => {
          rmSync(fileOf(set, deps), { force: true })
          throw error
        })
        rmSync(work, { recursive: true, force: true })
        deps.events.append({
          type: 'bundle.created',
          minion: input.minion,
          title: `${input.minion} was packed into a bundle: ${set}${SUFFIX}`,
        })
      },
    },
  ]
}
