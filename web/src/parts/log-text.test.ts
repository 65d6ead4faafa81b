import t from 'tap'
import { cleanLine, pieces } from './log-text.ts'

t.test('a line is plain text, whatever a program wrote', (t) => {
  t.equal(cleanLine('\u001b[31mred\u001b[0m and \u001b[1;4mbold'), 'red and bold')
  t.equal(cleanLine('\u001b]0;title\u0007text'), 'text')
  t.equal(cleanLine('\u001b]8;;https://evil.example\u001b\\link\u001b]8;;\u001b\\'), 'link')
  t.equal(cleanLine('10 %\r50 %\r100 %\r'), '100 %')
  t.equal(cleanLine('abc\u202edcba'), 'abcdcba')
  t.equal(cleanLine('a\tb'), 'a\tb')
  t.equal(cleanLine('<script>alert(1)</script>'), '<script>alert(1)</script>')
  t.end()
})

t.test('what was searched is found wherever it stands', (t) => {
  t.same(pieces('An Error, error', 'error'), [
    { text: 'An ', found: false },
    { text: 'Error', found: true },
    { text: ', ', found: false },
    { text: 'error', found: true },
  ])
  t.same(pieces('nothing', ''), [{ text: 'nothing', found: false }])
  t.same(pieces('İstanbul', 'i'), [{ text: 'İstanbul', found: false }])
  t.end()
})
