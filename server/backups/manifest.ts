/**
 * The manifest is written last, as a snapshot of its own: a set without one does not exist. It is all that a new server
 * needs to know of the set, so it is read as something a stranger may have written.
 */
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { ApplicationSchema, NAME } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import { SHARED_ENGINES } from '../templates/shared-database.ts'
import { SET_ID } from './set.ts'

/** Raised when an older Summoner could not restore what a newer one wrote. */
export const MANIFEST_VERSION = 2
/** Of sets that hold the files of their database: those an older Summoner can restore too. */
export const OWN_DATABASE_VERSION = 1

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
/** Of a file or folder as it lay elsewhere. Never with `..`: it is put together with other paths. */
export const Absolute = Type.String({ pattern: '^(?:/(?!\\.{1,2}(?:/|$))[^/\\0]+)+$', maxLength: 4096 })

export const FolderSchema = Type.Object({
  /** Which folder of the minion: `dumps` holds the files named in `dumps`. */
  name: Type.Enum(['volumes', 'database', 'instance', 'dumps']),
  /** Where it lay on the server that made the set. */
  path: Absolute,
})
export type SetFolder = Static<typeof FolderSchema>

export const ManifestSchema = Type.Object({
  version: Type.Integer(),
  set: Type.String({ pattern: SET_ID }),
  box: Type.String(),
  minion: Type.String({ pattern: NAME }),
  summoner: Type.String(),
  /** The instant that the copy stands for. */
  at: Type.String({ format: 'date-time' }),
  stopped: Type.Boolean(),
  domain: Type.String(),
  host: Type.String(),
  url: Type.String(),
  /** Its entry of config.yml. */
  application: Type.Intersect([ApplicationSchema, Type.Object({ proxy: Type.Optional(Type.Unknown()) })]),
  template: Type.Object({ name: Type.String(), revision: Type.Integer(), hash: Type.String() }),
  images: Type.Object({
    source: Type.Enum(['registry', 'distro']),
    services: Type.Array(
      Type.Object({
        service: Type.String(),
        reference: Type.String(),
        id: Type.String(),
        digests: Type.Array(Type.String()),
      }),
    ),
  }),
  folders: Type.Array(FolderSchema),
  dumps: Type.Array(
    Type.Object({
      service: Type.String(),
      engine: Type.String(),
      database: Type.String(),
      file: Absolute,
      sha256: Sha256,
      bytes: Type.Integer(),
    }),
  ),
  /** What a proof compares with: files that the template names, as they were. */
  files: Type.Array(Type.Object({ service: Type.String(), path: Type.String(), sha256: Sha256 })),
  /** Present where the database lies on a shared server: the set then holds its dump and nothing else of it. */
  database: Type.Optional(
    Type.Object({
      server: Type.String({ pattern: NAME }),
      engine: Type.Enum(SHARED_ENGINES),
      series: Type.String({ pattern: '^[0-9]+([.][0-9]+)*$' }),
      service: Type.String({ pattern: '^[a-zA-Z0-9._-]+$' }),
    }),
  ),
  snapshots: Type.Object({ data: Type.String({ pattern: '^[0-9a-f]{8,64}$' }) }),
  count: Type.Object({ files: Type.Integer(), bytes: Type.Integer() }),
})
export type Manifest = Static<typeof ManifestSchema>

export const writeManifest = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`

export function readManifest(text: string, set: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new SummonerError('repository.damaged', `The manifest of ${set} cannot be read.`)
  }
  const { version } = (value ?? {}) as { version?: unknown }
  if (typeof version === 'number' && version > MANIFEST_VERSION)
    throw new SummonerError('set.newer', `${set} was written by a newer Summoner (format ${version}).`)
  if (!Value.Check(ManifestSchema, value)) {
    const first = Value.Errors(ManifestSchema, value)[0]
    throw new SummonerError(
      'repository.damaged',
      `The manifest of ${set} is not one of Summoner's: ${first?.instancePath ?? ''} ${first?.message ?? ''}.`,
    )
  }
  if (value.set !== set)
    throw new SummonerError('repository.damaged', `The manifest of ${set} is that of ${value.set}.`)
  return value
}
