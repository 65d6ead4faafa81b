/**
 * A bundle: one file that carries one set to another machine. A tar, compressed by zstd, of `bundle.json` and of a restic
 * repository that holds this set alone, under a password of its own, and of the images where they were asked for. restic names every piece by the SHA-256 of its bytes,
 * so a bundle carries its checksums in its names. By hand: unpack it, then `restic -r repository restore`.
 */
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { NAME } from '../../config/config.ts'
import { SummonerError } from '../../errors.ts'
import { SET_ID } from '../set.ts'

/** Raised when an older Summoner could not read what a newer one wrote. */
export const BUNDLE_VERSION = 1
export const SUFFIX = '.bundle.tar.zst'
/** Of a file in `data/bundles`. */
export const BUNDLE_FILE = `${SET_ID.slice(0, -1)}\\.bundle\\.tar\\.zst$`
export const HEADER = 'bundle.json'
export const HEADER_LIMIT = 64 * 1024

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })

/** What stands first in a bundle: read before anything is known of who wrote it. */
export const BundleSchema = Type.Object({
  version: Type.Integer(),
  set: Type.String({ pattern: SET_ID }),
  minion: Type.String({ pattern: NAME }),
  template: Type.String({ pattern: NAME }),
  summoner: Type.String({ maxLength: 64 }),
  /** The instant that the set stands for. */
  at: Type.String({ format: 'date-time' }),
  /** SHA-256 of the one piece whose name does not tell it. */
  config: Sha256,
  /** Pieces of the repository, and their bytes. */
  pieces: Type.Integer({ minimum: 1 }),
  bytes: Type.Integer({ minimum: 1 }),
})
export type Bundle = Static<typeof BundleSchema>

export const CONFIG = 'repository/config'
const IMAGES = /^images\/[0-9a-f]{64}$/
const PIECE =
  /^repository\/(?:(?:keys|snapshots|index)\/[0-9a-f]{64}|data\/(?<folder>[0-9a-f]{2})\/\k<folder>[0-9a-f]{62})$/

/** The hash that a piece must have, by its name; undefined for a name that no bundle of ours contains. */
export function sumOf(name: string, { config }: Pick<Bundle, 'config'>): string | undefined {
  if (name === CONFIG) return config
  return PIECE.test(name) || IMAGES.test(name) ? name.slice(-64) : undefined
}

export function readHeader(text: string): Bundle {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new SummonerError('bundle.foreign', `${HEADER} is not JSON.`)
  }
  const { version } = (value ?? {}) as { version?: unknown }
  if (typeof version === 'number' && version > BUNDLE_VERSION)
    throw new SummonerError('set.newer', `The bundle was written by a newer Summoner (format ${version}).`)
  if (!Value.Check(BundleSchema, value)) {
    const first = Value.Errors(BundleSchema, value)[0]
    throw new SummonerError(
      'bundle.foreign',
      `${HEADER}: ${first?.instancePath ?? ''} ${first?.message ?? ''}.`,
    )
  }
  return value
}
