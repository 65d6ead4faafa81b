import t from 'tap'
import { createDraft } from './draft.ts'
import { addEntry, removeEntryOf } from './list-edits.ts'
import { parseConfig } from './parse.ts'

const parse = (text: string) => parseConfig(text, { path: '/srv/config.yml', home: '/root' }).config

function edited(text: string, change: ReturnType<typeof addEntry>): string {
  const draft = createDraft(text)
  change.write(draft, parse(text))
  t.same(parse(draft.text()).sources, change.intend(parse(text)).sources, 'the text says what was intended')
  return draft.text()
}

const base = 'summoner:\n  domain: a.example # mine\n'
const hub = { name: 'hub', type: 'github' as const }
const add = addEntry('sources', { ...hub, secret: { secret: 'x' } } as typeof hub)

t.test('a source is added in the style that stands there', async (t) => {
  const entry = '{ name: hub, type: github, secret: { secret: x } }'
  const flat = (text: string) => text.replaceAll(/\{ /g, '{').replaceAll(/ \}/g, '}')
  for (const [before, after] of [
    [base, `${base}  sources: [${entry}]\n`],
    [`${base}  sources: []\n`, `${base}  sources: [${entry}]\n`],
    [`${base}  sources:\n`, `${base}  sources: [${entry}]\n`],
    [
      `${base}  sources:\n    # ours\n    - {name: git, type: gitlab} # first\n  email: a@b.example\n`,
      `${base}  sources:\n    # ours\n    - {name: git, type: gitlab} # first\n    - ${entry}\n  email: a@b.example\n`,
    ],
    [
      `${base}  sources: [{name: git, type: gitlab}]\n`,
      `${base}  sources: [{name: git, type: gitlab}, ${entry}]\n`,
    ],
  ] as const)
    t.equal(flat(edited(before, add)), flat(after))
  t.throws(() => add.intend(parse(`${base}  sources: [{name: hub, type: gitlab}]\n`)), {
    code: 'entry.exists',
  })
})

t.test('and removed', async (t) => {
  const two = `${base}  sources:\n    - {name: git, type: gitlab}\n    - name: hub\n      type: github\n  email: a@b.example\n`
  t.equal(
    edited(two, removeEntryOf('sources', 'hub')),
    `${base}  sources:\n    - {name: git, type: gitlab}\n  email: a@b.example\n`,
  )
  t.throws(() => removeEntryOf('sources', 'hbu').intend(parse(two)), {
    code: 'entry.unknown',
    message: /did you mean "hub"/,
  })
})

t.test('sources are checked', async (t) => {
  for (const [written, message] of [
    ['[{name: a, type: gitlb}]', /gitlab/],
    ['[{name: a, type: gitlab}, {name: a, type: github}]', /listed twice/],
    ['[{name: summoner, type: gitlab}]', /the box's own events/],
    ['[{name: a, type: gitlab, secret: hunter2}]', /\{secret: NAME\}/],
    ['[{name: a, type: gitlab, rate: 0}]', /rate/],
  ] as const)
    t.throws(() => parse(`${base}  sources: ${written}\n`), { message }, written)
})
