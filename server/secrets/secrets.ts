/** Named secrets: set once, never shown again, referenced in config.yml as `{secret: name}`. One 0600 file each. */
import { chmodSync, constants, mkdirSync, readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { NAME } from '../config/config.ts'
import { syncFolder, writeFileAtomic } from '../config/write-file.ts'
import { asSummonerError, SummonerError } from '../errors.ts'
import type { Redactor } from './redact.ts'

export const MAX_SECRET = 65536

export const SecretSchema = Type.Object({
  name: Type.String({ pattern: NAME }),
  updatedAt: Type.String({ format: 'date-time' }),
})
export type Secret = Static<typeof SecretSchema>

export interface Secrets {
  set(name: string, value: string): Secret
  /** For rooms that use the value; no route gives it out. `secret.unknown` when it was never set. */
  get(name: string): string
  /** Names only, sorted. */
  list(): Secret[]
  remove(name: string): void
}

export interface SecretsDeps {
  dir: string
  /** Learns every value, those of earlier runs too, so that no log ever shows one. */
  redactor: Pick<Redactor, 'add'>
  /** A value was set, replaced or removed. */
  onChanged?(): void
}

export function createSecrets({ dir, redactor, onChanged }: SecretsDeps): Secrets {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  chmodSync(dir, 0o700)

  const names = () => readdirSync(dir).filter((name) => isName(name))
  const pathOf = (name: string): string => {
    if (isName(name)) return join(dir, name)
    throw new SummonerError('input.invalid', `"${name.slice(0, 60)}" is not a name for a secret.`, {
      hint: 'Use a letter, then letters, digits and hyphens, lower case, at most 40.',
    })
  }
  const secretOf = (name: string): Secret => ({
    name,
    updatedAt: statSync(join(dir, name)).mtime.toISOString(),
  })
  const get = (name: string): string => {
    try {
      // Never through a link: the folder holds plain files of ours only.
      const flag = constants.O_RDONLY | constants.O_NOFOLLOW
      return readFileSync(pathOf(name), { encoding: 'utf8', flag: flag as unknown as string })
    } catch (error) {
      throw missing(name, error)
    }
  }

  // What a crash left half-written never had a name of its own.
  for (const rest of readdirSync(dir)) if (rest.endsWith('.tmp')) unlinkSync(join(dir, rest))
  for (const name of names()) redactor.add(get(name))

  return {
    set(name, value) {
      const path = pathOf(name)
      if (value === '' || value.length > MAX_SECRET || value.includes('\0')) {
        throw new SummonerError(
          'input.invalid',
          `The value of "${name}" must have 1 to ${MAX_SECRET} characters, none of them NUL.`,
        )
      }
      redactor.add(value)
      try {
        writeFileAtomic(path, value, { mode: 0o600 })
      } catch (error) {
        throw asSummonerError(error)
      }
      onChanged?.()
      return secretOf(name)
    },

    get,

    list: () => names().sort().map(secretOf),

    remove(name) {
      try {
        unlinkSync(pathOf(name))
      } catch (error) {
        throw missing(name, error)
      }
      syncFolder(dir)
      onChanged?.()
    },
  }
}

function isName(name: string): boolean {
  return new RegExp(NAME).test(name)
}

function missing(name: string, error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error
  return new SummonerError('secret.unknown', `There is no secret "${name}".`)
}
