/** Images that were built on this box and are kept in a private registry: what they are called there. */
import { Type, type Static } from 'typebox'
import { SummonerError } from '../errors.ts'

export interface PushedImage {
  /** In the registry, without the registry: `summoner/site-web:1.0-0123456789ab`. */
  name: string
  /** The minion that is the registry. */
  registry: string
  digest: string
  size: number
  at: string
}

export const BuiltImageSchema = Type.Object({
  minion: Type.String(),
  service: Type.String(),
  /** As the engine calls it. */
  reference: Type.String(),
  /** Bytes, unpacked; absent where the image is not on this server. */
  size: Type.Optional(Type.Integer()),
  pushed: Type.Optional(
    Type.Object({
      registry: Type.String(),
      name: Type.String(),
      digest: Type.String(),
      at: Type.String(),
    }),
  ),
})
export type BuiltImage = Static<typeof BuiltImageSchema>

/** What one service runs, and where it was built from. */
export interface BuiltService {
  service: string
  reference: string
  template: string
  /** Over everything that compose consumes: sources, and what they are built with. */
  hash: string
}

/**
 * A distribution build keeps its name, whose end says what it was built from. An image that compose built from a minion's
 * own folder has a name that does not change with its sources, so there the registry is given the hash of these.
 */
export function nameInRegistry({ service, reference, template, hash }: BuiltService): string {
  if (/^summoner\/[^:]+:[^:]+-[0-9a-f]{12}$/.test(reference)) return reference
  return `summoner/${template}-${service.toLowerCase()}:own-${hash.slice(0, 12)}`
}

export interface RegistryMinion {
  minion: string
  running: boolean
  /** `address:port` on the engine's own network. */
  upstream: string
  account: { user: string; password: string }
}

/** The registry that is meant: the one that is named, or the only one. */
export function registryNamed(
  wanted: string | undefined,
  registries: readonly RegistryMinion[],
): RegistryMinion {
  const running = registries.filter((registry) => registry.running)
  if (wanted !== undefined) {
    const found = running.find(({ minion }) => minion === wanted)
    if (found) return found
    throw new SummonerError('registry.missing', `${wanted} is no registry that runs on this box.`)
  }
  const [first, second] = running
  if (!first)
    throw new SummonerError(
      'registry.missing',
      registries.length > 0
        ? `${registries.map(({ minion }) => minion).join(' and ')} does not run.`
        : 'This box has no minion of the template registry.',
      registries.length > 0 ? { hint: 'Start it with `summoner start`, then repeat.' } : {},
    )
  if (second)
    throw new SummonerError(
      'input.invalid',
      `There are several registries: ${running.map(({ minion }) => minion).join(', ')}.`,
      { at: { path: 'registry' }, hint: 'Name one with --registry.' },
    )
  return first
}
