/** What a password must be: long, and made of something that is not on everybody's list. Pure but for the list itself. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SummonerError } from '../errors.ts'

export const SHORTEST = 12
const LONGEST = 256
/** So many characters must be left when everything that is common is taken away. */
const OWN = 6

/** Spellings that fool nobody. */
const SPELLINGS: Record<string, string> = {
  a: '[a4@]',
  e: '[e3]',
  i: '[i1!]',
  l: '[l1]',
  o: '[o0]',
  s: '[s5$]',
  t: '[t7]',
}
const ROWS = ['01234567890', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'azertyuiop']

export interface About {
  /** Who will use it. */
  name: string
  /** Of the box. */
  domain: string
}

/** Throws `password.weak` with the reason. */
export function checkPassword(password: string, about: About): void {
  const text = password.normalize('NFKC')
  const length = Array.from(text).length
  if (length < SHORTEST)
    throw weak(`It has ${length} ${length === 1 ? 'character' : 'characters'}; ${SHORTEST} are needed.`)
  if (length > LONGEST) throw weak(`It has ${length} characters; at most ${LONGEST} are accepted.`)
  const lower = text.toLowerCase()
  if (/^(.{1,5}?)\1+.{0,4}$/su.test(lower)) throw weak('It repeats the same few characters.')
  const own = withoutCommon(lower, about)
  if (Array.from(own).length < OWN || new Set(own).size < 4)
    throw weak('It is made of words, names or sequences that are tried first.')
}

const weak = (reason: string) => new SummonerError('password.weak', reason, { at: { path: 'password' } })

function withoutCommon(text: string, { name, domain }: About): string {
  const known = [...name.split(/[^a-z0-9]+/), ...domain.toLowerCase().split(/[^a-z0-9]+/)].filter(
    (part) => part.length >= 3,
  )
  return text
    .replaceAll(patternOf([...known, ...commonWords()]), '')
    .replaceAll(/(19|20)\d\d/g, '')
    .replaceAll(/(.)\1{2,}/gsu, '$1')
    .replaceAll(/[a-z0-9]{3,}/g, withoutSequences)
    .replaceAll(/[\s\p{P}\p{S}]+/gu, ' ')
    .trim()
}

/** `abcd`, `9876`, `poiu`: three or more neighbours in a row, in either direction. */
function withoutSequences(text: string): string {
  const rows = [...ROWS, ...ROWS.map((row) => Array.from(row).toReversed().join(''))]
  let rest = ''
  for (let at = 0; at < text.length;) {
    let run = 0
    for (const row of rows)
      for (let end = at + 3; end <= text.length && row.includes(text.slice(at, end)); end++)
        run = Math.max(run, end - at)
    if (run === 0) rest += text[at]
    at += Math.max(run, 1)
  }
  return rest
}

let words: readonly string[] | undefined
/** Read when the first password is chosen. */
function commonWords(): readonly string[] {
  words ??= readFileSync(join(import.meta.dirname, 'common-passwords.txt'), 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => line.split(' '))
    .filter((word) => word.length >= 3)
  return words
}

function patternOf(stems: readonly string[]): RegExp {
  const longestFirst = [...new Set(stems)].sort((a, b) => b.length - a.length)
  return new RegExp(
    longestFirst
      .map((stem) =>
        Array.from(stem)
          .map((letter) => SPELLINGS[letter] ?? letter)
          .join(''),
      )
      .join('|'),
    'g',
  )
}
