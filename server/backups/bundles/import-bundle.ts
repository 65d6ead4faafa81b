/**
 * A bundle becomes a set of this box, as a job; it is restored like any other. The file may come from a stranger: it is
 * read from end to end before anything of it is written, and what is unpacked is looked through before it is taken.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { asSummonerError, SummonerError } from '../../errors.ts'
import type { JobKind, Step, StepContext } from '../../jobs/job.ts'
import { RESERVE } from '../cold.ts'
import { readManifest, type Manifest } from '../manifest.ts'
import { adoptSets } from '../recovery/adopt.ts'
import type { Repository } from '../repository.ts'
import type { Bundle } from './bundle.ts'
import type { BundleDeps } from './deps.ts'
import { IMAGES, imagesIn, loadImages, readImages } from './images.ts'
import { readBundle } from './read-bundle.ts'

export interface ImportInput {
  /** A file of this server. */
  path: string
  set: string
  minion: string
  /** Name of the work folder, which holds the password. */
  work: string
}

export function importKind(deps: BundleDeps): JobKind<ImportInput> {
  return {
    kind: 'import-bundle',
    lane: () => 'import-bundle',
    afterCrash: 'requeue',
    steps: (input) => steps(input, deps),
    result: ({ set, minion }) => ({ set, minion }),
  }
}

function steps(input: ImportInput, deps: BundleDeps): Step[] {
  const work = deps.workOf(input.work)
  const inside = deps.repositoryIn(input.work)
  const undo = async () => rmSync(work, { recursive: true, force: true })
  const bar =
    ({ progress }: StepContext) =>
    (done: number, total: number) =>
      progress(done, total, 'B')
  let bundle: Bundle
  let manifest: Manifest
  return [
    {
      name: 'look through',
      run: async (context) => {
        // it lies there twice for a moment: unpacked, and in the repository of this box
        const limit = ((await deps.freeBytes(deps.folder)) - RESERVE) / 2
        bundle = await readBundle(input.path, { limit, signal: context.signal, onProgress: bar(context) })
        if (bundle.set !== input.set)
          throw new SummonerError('bundle.damaged', `${input.path} is another bundle than before.`)
      },
      undo,
    },
    {
      name: 'unpack',
      run: async (context) => {
        for (const name of ['repository', IMAGES]) rmSync(join(work, name), { recursive: true, force: true })
        const { signal } = context
        await readBundle(input.path, { keep: work, limit: bundle.bytes, signal, onProgress: bar(context) })
      },
    },
    {
      name: 'check',
      run: async ({ signal }) => {
        await inside.open().catch((error: unknown) => {
          if (asSummonerError(error).code !== 'repository.password') throw error
          throw new SummonerError('bundle.password', `Nothing of ${bundle.set} was taken.`)
        })
        await inside.check(true, signal)
        manifest = await refuseStrange(bundle, inside)
        const images = await imagesIn(work)
        if (images !== undefined) await readImages(images, manifest.images.services)
      },
    },
    {
      name: 'images',
      run: async ({ signal, log }) => {
        const images = await imagesIn(work)
        if (images !== undefined) await loadImages(images, manifest.images.services, deps, { signal, log })
      },
    },
    {
      name: 'take',
      run: async ({ signal }) => {
        const snapshots = (await inside.snapshots()).map(({ id }) => id)
        await deps.repository.ensure()
        if (!deps.sets.isGood(bundle.set)) {
          await inside.lend((from) => deps.repository.take(snapshots, from, signal))
          await deps.repository.adopt(bundle.set)
          await adoptSets(deps)
        }
        if (!deps.sets.isGood(bundle.set))
          throw new SummonerError('bundle.foreign', `${input.path} does not hold the set ${bundle.set}.`)
        rmSync(work, { recursive: true, force: true })
        deps.events.append({
          type: 'bundle.imported',
          title: `${bundle.set} was taken from a bundle`,
          data: { set: bundle.set, minion: bundle.minion },
        })
      },
    },
  ]
}

/** One set, as its manifest says it: its two halves, below its folders, without devices. */
async function refuseStrange({ set, minion }: Bundle, inside: Repository): Promise<Manifest> {
  const foreign = (why: string) => new SummonerError('bundle.foreign', `The bundle of ${set} ${why}.`)
  const snapshots = await inside.snapshots()
  const half = (part: string) =>
    snapshots.filter(({ tags }) => tags['set'] === set && tags['minion'] === minion && tags['part'] === part)
  const [data, document] = [half('data')[0], half('manifest')[0]]
  if (snapshots.length !== 2 || !data || !document) throw foreign('is not made of the two halves of one set')
  const manifest: Manifest = readManifest(await inside.read(document.id, `${set}.json`), set)
  if (manifest.minion !== minion) throw foreign(`says that it is of ${minion}, and is of ${manifest.minion}`)
  const roots = manifest.folders.map(({ path }) => path)
  let strange: string | undefined
  await inside.walk(data.id, ({ path, type }) => {
    const within = roots.some(
      (root) => path === root || path.startsWith(`${root}/`) || root.startsWith(`${path}/`),
    )
    if (strange === undefined && (!within || type === 'dev' || type === 'chardev'))
      strange = `${JSON.stringify(path.slice(0, 200))} (${type})`
  })
  if (strange !== undefined) throw foreign(`holds what no set of a minion holds: ${strange}`)
  return manifest
}
