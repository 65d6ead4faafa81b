/** scrypt with its parameters stored beside each hash. One at a time: each takes 32 MB for a quarter of a second. */
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { SummonerError } from '../errors.ts'

export interface Cost {
  N: number
  r: number
  p: number
}
/** One of OWASP's equal choices; the one that takes little memory. */
const COST: Cost = { N: 2 ** 15, r: 8, p: 3 }
const LENGTH = 32
/** Sign-ins that may wait for their turn; more would only pile up. */
const WAITING = 32

export interface Hashes {
  hash(password: string): Promise<string>
  /** Does the same work whether there is a hash or not. */
  verify(password: string, kept: string | null | undefined): Promise<boolean>
  /** The hash was made with other parameters than today's. */
  outdated(kept: string): boolean
}

export function createHashes(cost: Cost = COST): Hashes {
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= WAITING) throw new SummonerError('request.rate', 'Too many people sign in at this moment.')
    waiting++
    const run = turn.then(work).finally(() => waiting--)
    turn = run.catch(() => {})
    return run
  }
  const nobody = formatHash(cost, Buffer.alloc(16), Buffer.alloc(LENGTH))
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(16)
        return formatHash(cost, salt, await derive(password, salt, cost))
      }),
    verify: (password, kept) =>
      inTurn(async () => {
        const { cost: used, salt, key } = parseHash(kept ?? nobody)
        const same = timingSafeEqual(await derive(password, salt, used), key)
        return same && kept !== null && kept !== undefined
      }),
    outdated: (kept) => {
      const { cost: used } = parseHash(kept)
      return used.N !== cost.N || used.r !== cost.r || used.p !== cost.p
    },
  }
}

const formatHash = ({ N, r, p }: Cost, salt: Buffer, key: Buffer): string =>
  `scrypt$${N}$${r}$${p}$${salt.toString('base64url')}$${key.toString('base64url')}`

function parseHash(text: string): { cost: Cost; salt: Buffer; key: Buffer } {
  const [kind, N, r, p, salt = '', key = ''] = text.split('$')
  if (kind !== 'scrypt') throw new SummonerError('internal', 'A password hash is not readable.')
  return {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  }
}

function derive(password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r }
  return new Promise((resolve, reject) => {
    // typed on different keyboards, one password may come as different code points
    scrypt(password.normalize('NFKC'), salt, LENGTH, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}
