/** Random texts for generated passwords and keys, from the system's own generator. */
import { randomInt } from 'node:crypto'

/** `alphanumeric` leaves out what people confuse: l, I, O, 0, 1. */
const ALPHABETS = {
  alphanumeric: 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789',
  hex: '0123456789abcdef',
  base64: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
}

export function randomText(length: number, alphabet: keyof typeof ALPHABETS): string {
  const letters = ALPHABETS[alphabet]
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('')
}
