/**
 * The manifest of the set of the box itself (the pseudo-minion `summoner`): which of its folders lie where in the
 * snapshot. Read on a bare server, as something a stranger may have written.
 */
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { NAME } from '../../config/config.ts'
import { SummonerError } from '../../errors.ts'
import { Absolute } from '../manifest.ts'
import { SET_ID } from '../set.ts'

/** Reserved: no minion may be called so. */
export const BOX = 'summoner'
export const BOX_MANIFEST_VERSION = 1

export const BoxManifestSchema = Type.Object({
  version: Type.Integer(),
  set: Type.String({ pattern: SET_ID }),
  box: Type.String({ pattern: '^[0-9a-f]{1,64}$' }),
  minion: Type.Literal(BOX),
  summoner: Type.String(),
  /** Version of its database: an older Summoner cannot read it. */
  schema: Type.Integer(),
  at: Type.String({ format: 'date-time' }),
  domain: Type.String(),
  /** Where each of them lay on the server that made the set. */
  paths: Type.Object({
    config: Absolute,
    state: Absolute,
    certificates: Absolute,
    templates: Absolute,
    database: Absolute,
  }),
  /** Minions that were there, whose sets make the box whole. */
  minions: Type.Array(Type.String({ pattern: NAME }), { maxItems: 2000 }),
  count: Type.Object({ files: Type.Integer(), bytes: Type.Integer() }),
})
export type BoxManifest = Static<typeof BoxManifestSchema>

export const writeBoxManifest = (manifest: BoxManifest): string => `${JSON.stringify(manifest, null, 2)}\n`

export function readBoxManifest(text: string, set: string): BoxManifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new SummonerError('repository.damaged', `The manifest of ${set} cannot be read.`)
  }
  const { version } = (value ?? {}) as { version?: unknown }
  if (typeof version === 'number' && version > BOX_MANIFEST_VERSION)
    throw new SummonerError('set.newer', `${set} was written by a newer Summoner (format ${version}).`)
  if (!Value.Check(BoxManifestSchema, value) || value.set !== set) {
    const first = Value.Errors(BoxManifestSchema, value)[0]
    throw new SummonerError(
      'repository.damaged',
      `The manifest of ${set} is not that of a box: ${first?.instancePath ?? 'it names another set'} ${first?.message ?? ''}.`,
    )
  }
  return value
}
