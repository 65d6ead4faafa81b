/** Where images come from: the three ways behind one interface. */
import { resolve, sep } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Environment } from '../config/environment.ts'
import type { Engine, Exec } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'
import { createBaseImage } from './base-image.ts'
import { createBuild } from './build.ts'
import { createChoose } from './choose.ts'
import type { ImageProgress, Images } from './image.ts'
import { nameInRegistry } from './pushed-image.ts'
import { createPull, type Patience } from './pull.ts'
import { createRegistryProbe } from './registry.ts'

interface ImagesDeps {
  engine: Pick<Engine, 'image' | 'pull' | 'build'>
  exec: Exec
  minionsDir: string
  scriptsDir: string
  network: Environment['network']
  boxId: string
  now?(): number
  sleep?: Patience['sleep']
  random?: Patience['random']
  reachable?(registry: string): Promise<boolean>
  /** Asked before each build: true when a private registry of this box gave the image back instead. */
  insteadOfBuilding?(wanted: { reference: string; name: string }, context: ImageProgress): Promise<boolean>
}

export function createImages(deps: ImagesDeps): Images {
  const { engine, exec, minionsDir, scriptsDir, network, boxId } = deps
  const choose = createChoose({
    engine,
    now: deps.now ?? Date.now,
    reachable: deps.reachable ?? createRegistryProbe(network),
  })
  const pull = createPull({ engine, sleep: deps.sleep ?? pause, random: deps.random ?? Math.random })
  const makeBase = createBaseImage({ exec, scriptsDir, caBundle: network.caBundle })
  const build = createBuild({ engine, makeBase, network, boxId })
  const instead = deps.insteadOfBuilding ?? (async () => false)

  return {
    choose,
    present: async (images) => {
      for (const { reference } of images) if (!(await engine.image(reference))) return false
      return true
    },
    ensure: async (images, templateDir, context) => {
      const wanted = new Map(images.map((image) => [image.reference, image]))
      for (const { reference, build: source } of wanted.values()) {
        if (context.signal.aborted)
          throw new SummonerError('job.cancelled', 'The job was cancelled before its images were there.')
        if (await engine.image(reference)) continue
        if (!source) await pull(reference, context)
        else if (!(await instead({ reference, name: reference }, context)))
          await build(reference, contextDir(minionsDir, templateDir, source.context), context)
      }
    },
    bringBack: async (own, context) => {
      for (const built of own)
        if (!(await instead({ reference: built.reference, name: nameInRegistry(built) }, context)))
          return false
      return own.length > 0
    },
  }
}

/** A template builds from its own folder or from one that templates share, never from elsewhere on the host. */
function contextDir(minionsDir: string, templateDir: string, context: string): string {
  const dir = resolve(templateDir, context)
  if ([minionsDir, templateDir].some((root) => dir.startsWith(resolve(root) + sep))) return dir
  throw new SummonerError('template.invalid', `The build context ${context} lies outside the templates.`, {
    at: { path: templateDir },
  })
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal })
  } catch (error) {
    throw new SummonerError('job.cancelled', 'The pull was ended because the job was cancelled.', {
      cause: error,
    })
  }
}
