import t from 'tap'
import { escapeVariables, interpolate, variablesIn } from './variables.ts'

t.test('filled in as compose does it', async (t) => {
  const env = { A: 'a', EMPTY: '', DOLLAR: '${A}', A_B: 'x' }
  const table: [text: string, expected: string][] = [
    ['$A-${A}', 'a-a'],
    ['${A}_B $A_B', 'a_B x'],
    ['$$A $${A}', '$A ${A}'],
    ['${NONE}|${NONE:-b}|${NONE-b}', '|b|b'],
    ['${EMPTY:-b}|${EMPTY-b}', 'b|'],
    ['${A:+yes}|${EMPTY:+yes}|${EMPTY+yes}', 'yes||yes'],
    ['${A:?needed}|${A?needed}', 'a|a'],
    ['${NONE:-${A}}|${NONE:-${NONE2:-c}}', 'a|c'],
    ['${DOLLAR}', '${A}'],
    ['$', '$'],
    ['${', '${'],
    ['${A', '${A'],
    ['${A!}', '${A!}'],
    ['$1 $- ${1}', '$1 $- ${1}'],
    ['${__proto__}${constructor}', ''],
  ]
  for (const [text, expected] of table) t.equal(interpolate(text, env), expected, text)
})

t.test('what a value names, with defaults marked and nested ones found', async (t) => {
  t.strictSame(variablesIn({ a: ['$X', '${Y:-${Z}}'], b: { c: '$$N' } }), [
    { name: 'X', optional: false, keys: ['a', 0] },
    { name: 'Y', optional: true, keys: ['a', 1] },
    { name: 'Z', optional: false, keys: ['a', 1] },
  ])
  t.strictSame(variablesIn(null), [])
})

t.test('escaping keeps any text', async (t) => {
  for (const text of ['$A', '${A:-x}', '$$', 'a$', '$$$A'])
    t.equal(interpolate(escapeVariables(text), { A: 'x' }), text)
})

t.test('long and odd texts end quickly', async (t) => {
  const text = '${A:-'.repeat(2000)
  t.equal(interpolate(text, {}), text)
  t.equal(interpolate('$'.repeat(100_000), {}).length, 50_000)
})
