import t from 'tap'
import { quoted, readDotenv, writeDotenv } from './dotenv.ts'

t.test('plain values stand in single quotes', async (t) => {
  t.equal(quoted('a $b ${HOME} `id` "q" # no'), `'a $b \${HOME} \`id\` "q" # no'`)
  t.equal(quoted("it's"), `'it\\'s'`)
  t.equal(quoted(''), `''`)
  t.equal(quoted('a\nEVIL=1'), `'a\nEVIL=1'`)
  t.equal(quoted('a\\b'), `'a\\b'`)
})

t.test('what single quotes cannot say stands in double quotes', async (t) => {
  t.equal(quoted('a\\'), '"a\\\\"')
  t.equal(quoted(`\\'$x`), `"\\\\'\\$x"`)
  t.equal(quoted('a\r\nb'), '"a\\r\\nb"')
})

t.test('reading inverts writing, and nothing adds a key', async (t) => {
  const parts = [
    "'",
    '"',
    '\\',
    '$',
    '{',
    '}',
    '\n',
    '\r',
    '#',
    '=',
    ' ',
    '`',
    'é',
    '😀',
    'A=1',
    "'\nX='",
    '\\n',
    ':',
  ]
  let seed = 7
  const next = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff)
  const env: Record<string, string> = {}
  for (let index = 0; index < 3000; index++) {
    env[`K${index}`] = Array.from({ length: next() % 8 }, () => parts[(next() >> 8) % parts.length]).join('')
  }
  t.strictSame(readDotenv(writeDotenv(env, 'test')), env)
})

t.test('hand-written lines', async (t) => {
  const text = '# c\nexport A=1 # one\nB="x\\ny"\n\n=bad\nnot a line\nC=\nD=a b\n'
  t.strictSame(readDotenv(text), { A: '1', B: 'x\ny', C: '', D: 'a b' })
})
