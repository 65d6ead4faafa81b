/** Takes images that were built here to a private registry, and brings them back as they went. */
import type { Engine } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'
import type { ImageProgress } from './image.ts'
import {
  nameInRegistry,
  registryNamed,
  type BuiltImage,
  type BuiltService,
  type RegistryMinion,
} from './pushed-image.ts'
import type { PushedImageStore } from './pushed-image-store.ts'
import { openWay, type Way } from './way-to-registry.ts'

export interface PushDeps {
  engine: Pick<Engine, 'image' | 'push' | 'pull' | 'tag' | 'untag'>
  store: PushedImageStore
  registries(): RegistryMinion[]
  /** What runs as this minion, whether built here or not. */
  services(minion: string): BuiltService[]
  /** A label that every image built by a box carries. */
  builtLabel: string
  now(): Date
}

/** What the engine shall call it, and what the registry does. */
interface Wanted {
  reference: string
  name: string
}

export interface PushedName {
  service: string
  name: string
  digest: string
}

export function createPushImages(deps: PushDeps) {
  const { engine, store } = deps

  const isBuild = async (built: BuiltService) => {
    const image = await engine.image(built.reference)
    if (image) return image.labels[deps.builtLabel] !== undefined
    return store.find(nameInRegistry(built)) !== undefined
  }

  /** One for each image that was built here; several services may share one. */
  const builtOf = async (minion: string): Promise<BuiltService[]> => {
    const found = new Map<string, BuiltService>()
    for (const built of deps.services(minion))
      if (!found.has(built.reference) && (await isBuild(built))) found.set(built.reference, built)
    return [...found.values()]
  }

  /** A job that a crash cut off left a name that leads to a port nobody listens on any more. */
  const takeOldNames = async (reference: string) => {
    const image = await engine.image(reference)
    for (const old of [...(image?.tags ?? []), ...(image?.digests ?? [])])
      if (/^127\.0\.0\.1:\d+\/summoner\//.test(old)) await engine.untag(old)
  }

  const through = async <T>(registry: RegistryMinion, work: (way: Way) => Promise<T>): Promise<T> => {
    const way = await openWay(registry.upstream)
    try {
      return await work(way)
    } finally {
      way.close()
    }
  }

  const bringBack = async ({ reference, name }: Wanted, registry: RegistryMinion, context: ImageProgress) => {
    const pushed = store.find(name)
    if (!pushed) throw new SummonerError('image.unpushed', `${name} was never pushed from this box.`)
    const repository = name.replace(/:[^:/]+$/, '')
    await through(registry, async (way) => {
      const exact = `${way.registry}/${repository}@${pushed.digest}`
      context.log(`Pulling ${name} from ${registry.minion}`)
      try {
        await engine.pull(exact, {
          account: registry.account,
          signal: context.signal,
          onProgress: (done, total, message) => context.progress(done, total, 'bytes', message),
        })
        await engine.tag(exact, reference)
      } finally {
        await engine.untag(exact)
      }
    })
  }

  return {
    builtOf,

    async push(minion: string, wanted: string | undefined, context: ImageProgress): Promise<PushedName[]> {
      const registry = registryNamed(wanted, deps.registries())
      const images = await builtOf(minion)
      if (images.length === 0) throw nothingBuilt(minion)
      return through(registry, async (way) => {
        const done: PushedName[] = []
        for (const built of images) {
          const image = await engine.image(built.reference)
          if (!image)
            throw new SummonerError('engine.missing', `${built.reference} is not on this server.`, {
              hint: `Bring it back first: \`summoner images pull ${minion}\`.`,
            })
          const name = nameInRegistry(built)
          await takeOldNames(built.reference)
          const far = `${way.registry}/${name}`
          context.log(`Pushing ${name} to ${registry.minion}`)
          await engine.tag(image.id, far)
          try {
            const digest = await engine.push(far, {
              account: registry.account,
              signal: context.signal,
              onProgress: (at, total, message) => context.progress(at, total, 'bytes', message),
            })
            const at = deps.now().toISOString()
            store.keep({ name, registry: registry.minion, digest, size: image.size, at })
            context.log(`${name} is there as ${digest}`)
            done.push({ service: built.service, name, digest })
          } finally {
            await engine.untag(far)
          }
        }
        return done
      })
    },

    /** Images that are here already are left as they are. The references that came. */
    async pull(minion: string, wanted: string | undefined, context: ImageProgress): Promise<string[]> {
      const registry = registryNamed(wanted, deps.registries())
      const images = await builtOf(minion)
      if (images.length === 0) throw nothingBuilt(minion)
      const came: string[] = []
      for (const built of images) {
        if (await engine.image(built.reference)) continue
        await bringBack({ reference: built.reference, name: nameInRegistry(built) }, registry, context)
        came.push(built.reference)
      }
      return came
    },

    /** Before something is built: true when the registry gave it back instead. Never an error: then it is built. */
    async insteadOfBuilding(wanted: Wanted, context: ImageProgress): Promise<boolean> {
      const pushed = store.find(wanted.name)
      const registry = deps.registries().find(({ minion, running }) => running && minion === pushed?.registry)
      if (!registry || (await engine.image(wanted.reference))) return false
      try {
        await bringBack(wanted, registry, context)
        return true
      } catch (error) {
        if (context.signal.aborted) throw error
        context.log(`${registry.minion} did not give it back (${(error as Error).message}); it is built`)
        return false
      }
    },

    async list(minions: readonly string[]): Promise<BuiltImage[]> {
      const all: BuiltImage[] = []
      for (const minion of minions)
        for (const built of await builtOf(minion)) {
          const image = await engine.image(built.reference)
          const pushed = store.find(nameInRegistry(built))
          const { service, reference } = built
          all.push({
            minion,
            service,
            reference,
            ...(image ? { size: image.size } : {}),
            ...(pushed
              ? {
                  pushed: {
                    registry: pushed.registry,
                    name: pushed.name,
                    digest: pushed.digest,
                    at: pushed.at,
                  },
                }
              : {}),
          })
        }
      return all
    },
  }
}

export type PushImages = ReturnType<typeof createPushImages>

const nothingBuilt = (minion: string) =>
  new SummonerError('image.foreign', `Every image of ${minion} comes from a registry as it is.`)
