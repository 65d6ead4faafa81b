import t from 'tap'
import { holds, matchesGlob, remembered, takes, valueAt, type Decision } from './match.ts'
import type { Condition } from './recipe.ts'

const scope = {
  type: 'pipeline.failed',
  severity: 'error',
  data: { ref: 'main', count: 7, tags: ['a', 'b'], when: '2026-11-20T14:02:11Z', flag: true, nothing: null },
}
const judge = (condition: Condition, memory: Record<string, unknown> = {}) => {
  const notes: Decision[] = []
  const result = holds(condition, 'if', {
    scope,
    memory: (path) => (Object.hasOwn(memory, path) ? { value: memory[path] } : undefined),
    note: (decision) => notes.push(decision),
  })
  return { result, notes }
}

const rows: [what: string, condition: Condition, expected: boolean][] = [
  ['equals', { path: 'data.ref', equals: 'main' }, true],
  ['equals something else', { path: 'data.ref', equals: 'dev' }, false],
  ['a number as text', { path: 'data.count', equals: '7' }, true],
  ['a truth', { path: 'data.flag', equals: true }, true],
  ['a list', { path: 'data.tags', equals: ['a', 'b'] }, true],
  ['in', { path: 'data.ref', in: ['dev', 'main'] }, true],
  ['in nothing that fits', { path: 'data.ref', in: ['dev'] }, false],
  ['contains a part', { path: 'type', contains: 'fail' }, true],
  ['contains an item', { path: 'data.tags', contains: 'b' }, true],
  ['contains of an absent value', { path: 'data.no', contains: 'b' }, false],
  ['matches', { path: 'data.ref', matches: '^ma' }, true],
  ['matches of a number', { path: 'data.count', matches: '7' }, false],
  ['glob', { path: 'type', glob: 'pipeline.*' }, true],
  ['one of several globs', { path: 'type', glob: ['push', '*.failed'] }, true],
  ['gt', { path: 'data.count', compare: { gt: 6 } }, true],
  ['between', { path: 'data.count', compare: { gte: 7, lt: 8 } }, true],
  ['outside', { path: 'data.count', compare: { lt: 7 } }, false],
  ['a time', { path: 'data.when', compare: { gt: '2026-01-01' } }, true],
  ['compare of a word', { path: 'data.ref', compare: { gt: 1 } }, false],
  ['exists', { path: 'data.nothing', exists: true }, true],
  ['does not exist', { path: 'data.no', exists: false }, true],
  [
    'and',
    {
      and: [
        { path: 'data.ref', equals: 'main' },
        { path: 'data.count', equals: 7 },
      ],
    },
    true,
  ],
  [
    'a list is and',
    [
      { path: 'data.ref', equals: 'main' },
      { path: 'data.count', equals: 8 },
    ],
    false,
  ],
  [
    'or',
    {
      or: [
        { path: 'data.ref', equals: 'dev' },
        { path: 'data.count', equals: 7 },
      ],
    },
    true,
  ],
  ['not', { not: { path: 'data.ref', equals: 'dev' } }, true],
  ['two tests of one path', { path: 'data.ref', glob: 'm*', equals: 'master' }, false],
  ['what every object has', { path: 'data.constructor', exists: true }, false],
  ['a prototype', { path: 'data.__proto__', exists: true }, false],
]
for (const [what, condition, expected] of rows)
  t.test(what, async (t) => {
    const { result, notes } = judge(condition)
    t.equal(result, expected)
    t.ok(notes.length > 0, 'says why')
  })

t.test('changed', async (t) => {
  const condition = { path: 'data.ref', changed: true }
  t.notOk(judge(condition).result, 'nothing to compare with')
  t.notOk(judge(condition, { 'data.ref': 'main' }).result)
  t.ok(judge(condition, { 'data.ref': 'dev' }).result)
  t.ok(judge({ path: 'data.ref', changed: false }, { 'data.ref': 'main' }).result)
  t.same(
    remembered([{ or: [condition, { not: { path: 'type', changed: true } }] }, { path: 'x', equals: 1 }]),
    ['data.ref', 'type'],
  )
})

t.test('a pattern that runs away', async (t) => {
  const began = performance.now()
  const long = { scope: { x: `${'a'.repeat(5_000)}!` }, memory: () => undefined, note: () => {} }
  t.notOk(holds({ path: 'x', matches: '^(a+)+$' }, 'if', long))
  t.ok(performance.now() - began < 5_000, 'is stopped')
  t.ok(holds({ path: 'x', matches: '!$' }, 'if', long), 'and the next one works')
})

t.test('which events', async (t) => {
  const event = { type: 'pipeline.failed', source: 'gitlab' }
  const fits = (on: Parameters<typeof takes>[0]) => takes(on, event, () => {})
  t.ok(fits({ type: 'pipeline.failed' }))
  t.ok(fits({ type: ['push', 'pipeline.*'], source: 'git*' }))
  t.notOk(fits({ type: 'pipeline' }))
  t.notOk(fits({ type: 'pipeline.*', source: 'github' }))
  t.ok(fits({ source: 'gitlab' }))
})

t.test('globs are linear', async (t) => {
  t.ok(matchesGlob('a*b*c', 'axxbyyc'))
  t.notOk(matchesGlob('a*b*c', 'axxbyy'))
  t.ok(matchesGlob('?b', 'ab'))
  t.ok(matchesGlob('*', ''))
  t.ok(matchesGlob('[a].*', '[a].x'), 'nothing else is special')
  const began = performance.now()
  matchesGlob('*a'.repeat(100), 'a'.repeat(2000) + 'b')
  t.ok(performance.now() - began < 1_000)
})

t.test('paths', async (t) => {
  t.equal(valueAt(scope, 'data.tags.1'), 'b')
  t.equal(valueAt(scope, 'data.tags.length'), 2)
  t.equal(valueAt(scope, 'data.ref.length'), undefined)
})
