/** The sources of config.yml with their addresses: made, taken over from one another, withdrawn. */
import type { Config, SourceWish } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import { hashOf, secretOf, TOKEN, type HookToken } from './hook-token.ts'
import type { createInboxStore, KeptToken } from './inbox-store.ts'
import { sourceTypes } from './sources/all.ts'
import type { SourceType } from './sources/source.ts'

/** How long an old address stays good beside its successor, unless somebody says otherwise. */
export const OVERLAP_SECONDS = 24 * 60 * 60

export interface NewAddress {
  id: string
  /** Below the host: `/hooks/<source>/<token>`. */
  path: string
  /** What the tool proves itself with; absent where it makes that up itself, or config.yml names it. */
  secret?: string
}

/** A webhook that knew the address. */
export interface Admission {
  wish: SourceWish
  type: SourceType
  tokenId: string
  /** Whoever knows the address is believed. */
  open: boolean
  /** Any of them will do. */
  secrets: string[]
}

interface SourcesDeps {
  store: Pick<ReturnType<typeof createInboxStore>, 'tokens' | 'insertToken' | 'expire' | 'remove'>
  config(): Pick<Config, 'sources'>
  /** Throws when it was never set. */
  secretNamed(name: string): string
  boxKey: Buffer
  randomBytes(size: number): Buffer
  now(): Date
}

export type Sources = ReturnType<typeof createSources>

export function createSources({ store, config, secretNamed, boxKey, randomBytes, now }: SourcesDeps) {
  let kept = store.tokens()
  /** Looked up by its hash: how long that takes tells nothing about any token. */
  let byHash = new Map<string, KeptToken>()
  /** Those that came lately: whoever sends one of these knows it already. */
  let used = new Map<string, KeptToken>()
  const reload = () => {
    kept = store.tokens()
    used = new Map()
    byHash = new Map(kept.map((token) => [token.hash.toString('hex'), token]))
  }
  reload()

  const wishOf = (name: string) => config().sources.find((source) => source.name === name)
  const isGood = ({ expires }: HookToken) => expires === undefined || Date.parse(expires) > now().getTime()

  /** Several lines are several secrets: both are good while the tool is given the new one. */
  const secretsOf = (wish: SourceWish, type: SourceType, tokenId: string): string[] => {
    if (wish.secret !== undefined) {
      try {
        return secretNamed(wish.secret.secret)
          .split(/\r?\n/)
          .filter((line) => line !== '')
      } catch {
        // while it is missing, nothing proves anything
        return []
      }
    }
    return type.proves && type.toolMakesSecret !== true ? [made(tokenId, type.secretForm)] : []
  }

  /** Every webhook asks for it. */
  const secretsMade = new Map<string, string>()
  const made = (tokenId: string, form: SourceType['secretForm']): string => {
    const key = `${tokenId} ${form}`
    const secret = secretsMade.get(key) ?? secretOf(boxKey, tokenId, form)
    secretsMade.set(key, secret)
    return secret
  }

  const find = (name: string): SourceWish => {
    const wish = wishOf(name)
    if (wish === undefined) throw new SummonerError('source.unknown', `There is no source "${name}".`)
    return wish
  }

  return {
    find,

    /** Undefined for whoever does not know the whole address. */
    admit(name: string, token: string): Admission | undefined {
      if (!TOKEN.test(token)) return undefined
      const known = used.get(token) ?? byHash.get(hashOf(token).toString('hex'))
      if (known !== undefined) used.set(token, known)
      const wish = known?.source === name && isGood(known) ? wishOf(name) : undefined
      if (known === undefined || wish === undefined) return undefined
      const type = sourceTypes[wish.type]
      const open = !type.proves && wish.secret === undefined
      return { wish, type, tokenId: known.id, open, secrets: secretsOf(wish, type, known.id) }
    },

    /** A new address beside those there are. */
    create(name: string, by: string): NewAddress {
      const wish = find(name)
      const type = sourceTypes[wish.type]
      const [token, id] = [randomBytes(32).toString('base64url'), randomBytes(6).toString('hex')]
      const createdAt = now().toISOString()
      store.insertToken({ id, source: name, hash: hashOf(token), createdAt, createdBy: by })
      reload()
      const ours = wish.secret === undefined && type.toolMakesSecret !== true
      return {
        id,
        path: `/hooks/${name}/${token}`,
        ...(ours ? { secret: made(id, type.secretForm) } : {}),
      }
    },

    /** Every other address of the source ends after `overlapSeconds`. */
    retireOthers(name: string, id: string, overlapSeconds = OVERLAP_SECONDS): void {
      const end = new Date(now().getTime() + overlapSeconds * 1000).toISOString()
      for (const old of kept) {
        const later = old.expires === undefined || old.expires > end
        if (old.source === name && old.id !== id && later) store.expire(old.id, end)
      }
      reload()
    },

    /** What a tool must prove itself with at one address. */
    secretFor(name: string, id: string): string {
      const wish = find(name)
      return secretsOf(wish, sourceTypes[wish.type], id)[0] ?? ''
    },

    /** One address, or all of a source. */
    revoke(name: string, id?: string): number {
      const gone = kept.filter((token) => token.source === name && (id === undefined || token.id === id))
      if (id !== undefined && gone.length === 0)
        throw new SummonerError('token.unknown', `The source "${name}" has no address ${id}.`, {
          hint: 'Run `summoner hooks` to see them.',
        })
      for (const token of gone) store.remove(token.id)
      reload()
      return gone.length
    },

    tokensOf: (name: string): HookToken[] =>
      kept
        .filter((token) => token.source === name && isGood(token))
        .map((token) => {
          const { hash: _, ...shown } = token
          return shown
        }),

    /** What ended is forgotten. */
    tidy() {
      const gone = kept.filter((token) => !isGood(token))
      if (gone.length === 0) return
      for (const { id } of gone) store.remove(id)
      reload()
    },
  }
}
