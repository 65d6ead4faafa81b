/** Each edit on each style of file: the exact text that must come out. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Recipe } from '../webhooks/recipe.ts'
import { createConfigFile } from './config-file.ts'
import type { ConfigEdit } from './edits.ts'
import { addRecipe, removeChannel, removeRecipe, setChannel, setRecipeEnabled } from './webhook-edits.ts'

const folder = mkdtempSync(join(tmpdir(), 'summoner-edits-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'config.yml')
const file = createConfigFile({
  path,
  home: '/home/ada',
  previousDir: join(folder, 'p'),
  clock: () => new Date(0),
})
const edited = async (text: string, ...changes: ConfigEdit[]) => {
  writeFileSync(path, text)
  await file.edit(...changes)
  return readFileSync(path, 'utf8')
}

const head = 'summoner:\n  domain: a.example\n'
const team = '  channels: {team: {slack: {url: {secret: team-url}}}}\n'
const tell: Recipe = {
  name: 'tell',
  on: { type: 'push' },
  do: [{ post: { channel: 'team', text: 'one: {{ event.title }}\ntwo' } }],
}
const block = (indent: string) =>
  [
    '- name: tell',
    '  on:',
    '    type: push',
    '  do:',
    '    - post:',
    '        channel: team',
    '        text: |-',
    '          one: {{ event.title }}',
    '          two',
    '',
  ]
    .map((line) => (line === '' ? '' : indent + line))
    .join('\n')
const other =
  '  - {name: other, on: {source: summoner}, do: [{run: last}]} # kept\n  - name: last\n    on: {type: x}\n    do:\n    - post: {channel: team, text: hi}\n'

t.test('a recipe is added', async (t) => {
  t.equal(await edited(head + team, addRecipe(tell)), `${head}${team}  recipes:\n${block('    ')}`)
  t.equal(
    await edited(`${head}  recipes: []\n${team}`, addRecipe(tell)),
    `${head}  recipes:\n${block('    ')}${team}`,
  )
  t.equal(
    await edited(`${head}  recipes:\n${team}`, addRecipe(tell)),
    `${head}  recipes:\n${block('    ')}${team}`,
  )
  t.equal(
    await edited(`${head}${team}  recipes:\n${other}`, addRecipe(tell)),
    `${head}${team}  recipes:\n${other}${block('  ')}`,
  )
  const crlf = (text: string) => text.replaceAll('\n', '\r\n')
  t.equal(
    await edited(crlf(`${head}${team}  recipes:\n${other}`), addRecipe(tell)),
    crlf(`${head}${team}  recipes:\n${other}${block('  ')}`),
  )
  const flow = 'summoner: {domain: a.example, channels: {team: {slack: {url: {secret: x}}}}}\n'
  t.match(
    await edited(flow, addRecipe(tell)),
    /, recipes: \[\{name: tell, "on": \{type: push\}, do: \[.*\]\}\]\}\n$/,
  )
})

t.test('switched off and on, and removed', async (t) => {
  const text = `${head}${team}  recipes:\n${other}`
  const off = await edited(text, setRecipeEnabled('last', false))
  t.equal(off, `${text}    enabled: false\n`)
  t.equal(await edited(off, setRecipeEnabled('last', true)), text)
  t.equal(await edited(text, setRecipeEnabled('last', true)), text, 'no change, no byte')
  t.match(
    await edited(text, setRecipeEnabled('other', false)),
    /do: \[\{run: last\}\], enabled: false\} # kept/,
  )
  const gone = await edited(text, removeRecipe('other'))
  t.equal(gone, text.replace(/ {2}- \{name: other.*\n/u, ''))
  t.equal(await edited(gone, removeRecipe('last')), `${head}${team}  recipes:\n`)
})

t.test('channels', async (t) => {
  const slack = { slack: { url: { secret: 'x' } } }
  t.equal(
    await edited(head, setChannel('team', slack)),
    `${head}  channels: {team: {slack: {url: {secret: x}}}}\n`,
  )
  t.equal(
    await edited(`${head}  channels: {}\n`, setChannel('team', slack)),
    `${head}  channels: {team: {slack: {url: {secret: x}}}}\n`,
  )
  t.equal(
    await edited(`${head}  channels:\n    b: {teams: {url: {secret: y}}}\n`, setChannel('team', slack)),
    `${head}  channels:\n    b: {teams: {url: {secret: y}}}\n    team: {slack: {url: {secret: x}}}\n`,
  )
  t.equal(await edited(head + team, setChannel('team', slack)), head + team.replace('team-url', 'x'))
  t.equal(await edited(head + team, removeChannel('team')), `${head}  channels: {}\n`)
})

const refused: [what: string, text: string, change: ConfigEdit, expected: object][] = [
  [
    'a recipe twice',
    `${head}${team}  recipes:\n${other}`,
    addRecipe({ ...tell, name: 'last' }),
    { code: 'recipe.exists' },
  ],
  [
    'a channel that is not there',
    head,
    addRecipe(tell),
    { code: 'input.invalid', message: /no channel "team"/ },
  ],
  [
    'an unknown recipe',
    `${head}${team}  recipes:\n${other}`,
    removeRecipe('lost'),
    { code: 'recipe.unknown', message: /mean "last"/ },
  ],
  [
    'a channel that is used',
    `${head}${team}  recipes:\n${other}`,
    removeChannel('team'),
    { code: 'input.invalid' },
  ],
  [
    'an address in the file',
    head,
    setChannel('x', { slack: { url: 'https://hooks.example/T/B' } } as never),
    { code: 'input.invalid' },
  ],
  [
    'a type there is not',
    head,
    setChannel('x', { slak: {} } as never),
    { code: 'input.invalid', message: /mean "slack"/ },
  ],
]
for (const [what, text, change, expected] of refused)
  t.test(`refuses ${what}`, async (t) => {
    writeFileSync(path, text)
    t.match(await file.edit(change).catch((error: unknown) => error), expected)
    t.equal(readFileSync(path, 'utf8'), text, 'no byte changed')
  })
