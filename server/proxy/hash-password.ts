/** SHA-512 crypt (`$6$`), which nginx checks through the C library of every image; Node has no crypt of its own. */
import { createHash } from 'node:crypto'

const ROUNDS = 5000
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SIZE = 64
const known = new Map<string, string>()

/**
 * The salt follows from the place (user and host): the same wish is the same bytes, so that a start of the daemon is no
 * change for nginx, and equal passwords of two users or hosts have different hashes. It must not follow from the
 * password, or it would tell a guess apart without the rounds.
 */
export function hashPassword(password: string, place: string): string {
  const salt = [...createHash('sha512').update(place).digest().subarray(0, 16)]
    .map((byte) => ALPHABET.charAt(byte & 63))
    .join('')
  const key = `${salt}${createHash('sha512').update(password).digest('base64')}`
  const hash = known.get(key) ?? crypt(Buffer.from(password), salt)
  known.set(key, hash)
  return hash
}

/** As Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512" describes it, with its standard 5000 rounds. */
export function crypt(password: Buffer, salt: string): string {
  const seed = Buffer.from(salt)
  const inner = sha512(password, seed, password)
  const start: Buffer[] = [password, seed, repeated(inner, password.length)]
  for (let bits = password.length; bits > 0; bits >>= 1) start.push(bits & 1 ? inner : password)
  let current = sha512(...start)
  const first = current[0] ?? 0
  const p = repeated(sha512(...Array<Buffer>(password.length).fill(password)), password.length)
  const s = repeated(sha512(...Array<Buffer>(16 + first).fill(seed)), seed.length)
  for (let round = 0; round < ROUNDS; round++) {
    const odd = round % 2 === 1
    const parts = [odd ? p : current]
    if (round % 3 > 0) parts.push(s)
    if (round % 7 > 0) parts.push(p)
    parts.push(odd ? current : p)
    current = sha512(...parts)
  }
  return `$6$${salt}$${encoded(current)}`
}

const sha512 = (...parts: Buffer[]): Buffer => {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const repeated = (bytes: Buffer, length: number): Buffer => Buffer.alloc(length, length > 0 ? bytes : 0)

/** Three bytes from three thirds at a time, each group of triples rotated by one. */
function encoded(hash: Buffer): string {
  const third = (SIZE - 1) / 3
  let text = ''
  for (let row = 0; row < third; row++) {
    const column = [row, row + third, row + 2 * third]
    const turned = [...column.slice(row % 3), ...column.slice(0, row % 3)]
    const [high = 0, middle = 0, low = 0] = turned.map((index) => hash[index] ?? 0)
    text += sixes((high << 16) | (middle << 8) | low, 4)
  }
  return text + sixes(hash[SIZE - 1] ?? 0, 2)
}

function sixes(value: number, count: number): string {
  let text = ''
  for (let at = 0, rest = value; at < count; at++, rest >>= 6) text += ALPHABET.charAt(rest & 63)
  return text
}
