import t from 'tap'
import { canonical, cleanLines, cleanProblem } from './job-text.ts'

const hide = (text: string) => text.replaceAll('hunter2', '[hidden]')

t.test('log lines lose terminal tricks and secrets, nothing else', async (t) => {
  const table: [text: string, lines: string[]][] = [
    ['plain é ✓ 漢字', ['plain é ✓ 漢字']],
    ['', ['']],
    ['two\nlines\r\nthree', ['two', 'lines', 'three']],
    ['\u001B[31mred\u001B[0m \u001B[1;32mgreen\u001B[m', ['red green']],
    ['\u001B]8;;http://evil.example\u0007click\u001B]8;;\u0007', ['click']],
    ['\u001B]0;title\u001B\\shown', ['shown']],
    ['10%\r20%\r100%\r', ['100%']],
    ['bell\u0007 nul\u0000 c1\u009B31m', ['bell nul c131m']],
    ['tab\tstays', ['tab\tstays']],
    ['password hunter2!', ['password [hidden]!']],
    ['hun\u001B[0mter2', ['[hidden]']],
  ]
  for (const [text, lines] of table) t.same(cleanLines(text, hide), lines, JSON.stringify(text))
  const [long] = cleanLines('x'.repeat(1_000_000), hide)
  t.equal(long?.length, 4002)
})

t.test('the secret is hidden before a long line is cut', async (t) => {
  const [line] = cleanLines(`${'x'.repeat(3997)}hunter2`, hide)
  t.notMatch(line, /hunter?2?$/)
  t.match(line, /x\[hi …$/)
})

t.test('problems are hidden in every string', async (t) => {
  const problem = cleanProblem(
    {
      type: 'urn:x',
      title: 't',
      status: 502,
      code: 'exec.failed',
      detail: 'said hunter2',
      hint: 'try \u001B[1mhunter2\u001B[0m',
      errors: [{ detail: 'hunter2', line: 3 }],
    },
    hide,
  )
  t.notMatch(JSON.stringify(problem), /hunter2|u001b/i)
  t.equal(problem.errors?.[0]?.line, 3)
})

t.test('equal inputs are equal texts', async (t) => {
  t.equal(
    canonical({ b: 1, a: { d: [2, { z: 1, y: 2 }], c: null } }),
    '{"a":{"c":null,"d":[2,{"y":2,"z":1}]},"b":1}',
  )
  t.equal(canonical(undefined), 'null')
  t.not(canonical({ a: '1' }), canonical({ a: 1 }))
  t.not(canonical([1, 2]), canonical([2, 1]))
})
