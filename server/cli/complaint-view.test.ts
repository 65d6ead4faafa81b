import t from 'tap'
import { renderComplaint } from './complaint-view.ts'
import { createStyle } from './style.ts'

const style = createStyle(false)
const config = 'summoner:\n  domain: kit.test\n  aplications: ghost\n'
const view = { style, width: 80, source: (path: string) => (path === 'config.yml' ? config : undefined) }

t.test('title, detail, place with a caret, what to do', async (t) => {
  const lines = renderComplaint(
    {
      title: 'config.yml is not valid',
      detail: 'Unknown key `aplications`; did you mean "applications"?',
      path: 'config.yml',
      line: 3,
      column: 3,
      hint: 'Correct the line shown; nothing was changed.',
    },
    view,
  )
  t.same(lines, [
    '✖ config.yml is not valid',
    '  Unknown key `aplications`; did you mean "applications"?',
    '    config.yml:3:3',
    '    3 |   aplications: ghost',
    '      |   ^',
    '  → Correct the line shown; nothing was changed.',
  ])
})

t.test('every finding of a document is listed', async (t) => {
  const lines = renderComplaint(
    {
      title: 'The template is not valid',
      detail: 'two things',
      errors: [
        { detail: 'no tag', path: 'compose.yml', line: 2 },
        { detail: 'no health', hint: 'Add `health`.', path: 'minion.yml' },
      ],
    },
    view,
  )
  t.same(lines, [
    '✖ The template is not valid',
    '  - no tag',
    '    compose.yml:2',
    '  - no health',
    '    minion.yml',
    '    Add `health`.',
  ])
})

t.test('a single finding that repeats the detail is told once, with its place', async (t) => {
  const lines = renderComplaint(
    {
      title: 'No',
      detail: 'wrong',
      path: 'config.yml',
      line: 2,
      column: 3,
      errors: [{ detail: 'wrong', path: 'config.yml', line: 2, column: 3 }],
    },
    view,
  )
  t.equal(lines.filter((line) => line.includes('wrong')).length, 1)
  t.equal(lines.filter((line) => line.includes('config.yml:2:3')).length, 1)
})

t.test('hostile text and places beyond the file stay harmless', async (t) => {
  const lines = renderComplaint(
    { title: 'a\u001B[2J', detail: 'b\u001B]0;x\u0007\nc', path: 'config.yml', line: 99, column: 400 },
    view,
  )
  t.same(lines, ['✖ a', '  b', '  c', '    config.yml:99:400'])
})
