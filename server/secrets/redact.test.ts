import t from 'tap'
import { createRedactor } from './redact.ts'

const redactor = (...values: string[]) => {
  const made = createRedactor()
  for (const value of values) made.add(value)
  return made
}
const base64 = (text: string) => Buffer.from(text).toString('base64')

t.test('plain', async (t) => {
  const { redact } = redactor('hunter22')
  t.equal(redact('nothing here'), 'nothing here')
  t.equal(redact('hunter22'), '•••')
  t.equal(redact('a hunter22 b hunter22'), 'a ••• b •••')
  t.equal(redact('hunter2'), 'hunter2')
  t.equal(redact(''), '')
})

t.test('short values are left alone', async (t) => {
  const { redact } = redactor('abc', '12345', '      ')
  t.equal(redact('abc 12345       x'), 'abc 12345       x')
})

t.test('one secret within, beside or across another', async (t) => {
  t.equal(redactor('secret', 'secret-longer').redact('secret-longer secret'), '••• •••')
  t.equal(redactor('abcdef', 'defghi').redact('xabcdefghix'), 'x•••x', 'no tail is left behind')
  t.equal(redactor('aaaaaa').redact('aaaaaaaaa'), '•••')
})

t.test('characters with a meaning elsewhere', async (t) => {
  const value = 'p@ss w+r/d?&"$1.*\\é'
  const { redact } = redactor(value)
  for (const form of [
    value,
    encodeURIComponent(value),
    encodeURIComponent(value).replaceAll('%20', '+'),
    encodeURI(value),
    JSON.stringify(value).slice(1, -1),
    base64(value),
    Buffer.from(value).toString('base64url'),
  ]) {
    const shown = redact(`<${form}>`)
    t.ok(/^<•••=*>$/.test(shown), shown)
  }
})

t.test('base64 with something before and behind', async (t) => {
  const secret = 'correct-horse-battery'
  const { redact } = redactor(secret)
  for (const user of ['', 'a', 'ab', 'abc', 'admin']) {
    for (const rest of ['', '!', '!!', '\n']) {
      const text = base64(`${user}:${secret}${rest}`)
      const shown = redact(text)
      const left = Buffer.from(shown.replace(/•••/, ''), 'base64').toString('latin1')
      t.ok(shown.includes('•••') && !left.includes(secret.slice(2, -2)), `${text} -> ${shown}`)
    }
  }
})

t.test('lines of a key', async (t) => {
  const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'
  const { redact } = redactor(`-----BEGIN PRIVATE KEY-----\n${line}\nshort\n-----END PRIVATE KEY-----\n`)
  t.equal(redact(`line ${line}`), 'line •••')
  t.equal(redact('-----BEGIN PRIVATE KEY-----'), '-----BEGIN PRIVATE KEY-----')
  t.equal(redact('a short word'), 'a short word')
})

t.test('with spaces around, as files end', async (t) => {
  t.equal(redactor('hunter22\n').redact('x hunter22 y'), 'x ••• y')
})

t.test('lone surrogates do not break it', async (t) => {
  t.equal(redactor('\ud800abcdef').redact('\ud800abcdef'), '•••')
})

t.test('random secrets never show, whatever is around', async (t) => {
  const letters = 'abAB01+/=&%"\\ é'
  for (let round = 0; round < 300; round++) {
    const random = (length: number) =>
      Array.from({ length }, () => letters[Math.floor(Math.random() * letters.length)]).join('')
    const secrets = [1, 2, 3].map(() => random(6 + Math.floor(Math.random() * 20)))
    const { redact } = redactor(...secrets)
    const text = secrets.map((secret) => random(3) + secret).join('') + encodeURIComponent(secrets[0] ?? '')
    const shown = redact(text)
    const leaks = secrets.filter((secret) => secret.trim().length >= 6 && shown.includes(secret))
    if (leaks.length > 0) t.fail('leaked', { secrets, text, shown })
  }
})
