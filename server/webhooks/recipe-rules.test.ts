/** What may stand under `channels` and `recipes`, and how a mistake is told: at its line and column. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SummonerError } from '../errors.ts'
import { ownEventTypes } from '../events/catalogue.ts'
import { parseConfig } from '../config/parse.ts'
import { addRecipe } from '../config/webhook-edits.ts'
import { createRenderer } from './render-text.ts'
import { configOf } from './rig.fixture.ts'
import { fillStarter, readStarters } from './starters.ts'
import { tryRecipe } from './try-recipe.ts'

const base = `summoner:
  domain: a.example
  sources: [{name: gitlab, type: gitlab}]
  channels: {team: {slack: {url: {secret: x}}}, bugs: {gitlab: {url: {secret: u}, token: {secret: t}, project: a/b}}}
`
const recipe = (more: string) => `${base}  recipes:\n    - name: tell\n${more}`
const does = (step: string) => recipe(`      on: {type: push}\n      do:\n        - ${step}\n`)
const rows: [what: string, marked: string, detail: RegExp][] = [
  ['a slip in an action', does('▸pots: {channel: team, text: x}'), /unknown key "pots"; did you mean "post"/],
  [
    'a slip in a step',
    does('post: {channel: team, text: x}\n          ▸throtle: {per: 1m}'),
    /did you mean "throttle"/,
  ],
  ['an unknown channel', does('post: {channel: ▸taem, text: x}'), /no channel "taem"; did you mean "team"/],
  ['a channel of another kind', does('issue: {channel: ▸team, title: x}'), /type slack, not for issue/],
  ['a message to an issue tracker', does('post: {channel: ▸bugs, text: x}'), /type gitlab, not for post/],
  ['a step that does nothing', does('▸as: x'), /does nothing/],
  ['a step that does two things', does('▸run: tell\n          minion: {restart: x}'), /minion and run/],
  ['an unknown recipe', does('run: ▸tel'), /no recipe "tel"; did you mean "tell"/],
  [
    'a recipe that runs itself',
    recipe('      on: {type: push}\n      do: ▸[{run: tell}]\n'),
    /run itself: tell → tell/,
  ],
  [
    'a template that cannot be read',
    does('post: {channel: team, text: ▸"{{ event.title | nope }}"}'),
    /undefined filter: nope/,
  ],
  ['an open template', does('post: {channel: team, text: ▸"{% if x %}"}'), /not closed/],
  [
    'a template in a body',
    `${base.replace('{slack: {url: {secret: x}}}', '{http: {url: {secret: x}}}')}  recipes: [{name: r, on: {type: x}, do: [{request: {channel: team, body: {a: [▸"{{ x | nope }}"]}}}]}]\n`,
    /undefined filter/,
  ],
  [
    'an unknown source',
    recipe('      on: {source: ▸gitlub}\n      do: [{post: {channel: team, text: x}}]\n'),
    /no source "gitlub"; did you mean "gitlab"/,
  ],
  [
    'nothing it listens to',
    recipe('      on: ▸{}\n      do: [{post: {channel: team, text: x}}]\n'),
    /neither a type nor a source/,
  ],
  [
    'a condition that compares nothing',
    recipe(
      '      on: {type: x}\n      if: ▸{path: data.ref}\n      do: [{post: {channel: team, text: x}}]\n',
    ),
    /compared with nothing/,
  ],
  [
    'a pattern that is none',
    recipe(
      '      on: {type: x}\n      if: {path: a, matches: ▸"("}\n      do: [{post: {channel: team, text: x}}]\n',
    ),
    /no pattern/,
  ],
  [
    'a slip deep in a condition',
    recipe(
      '      on: {type: x}\n      if: {or: [{not: {path: a, ▸equal: 1}}]}\n      do: [{post: {channel: team, text: x}}]\n',
    ),
    /unknown key "equal"; did you mean "equals"/,
  ],
  [
    'a duration that is none',
    does('post: {channel: team, text: x}\n          delay: ▸5 minutes'),
    /a duration like/,
  ],
  [
    'a time that is none',
    recipe(
      '      on: {type: x}\n      quiet_hours: {from: ▸"25:00", to: "07:00"}\n      do: [{post: {channel: team, text: x}}]\n',
    ),
    /a time of day/,
  ],
  [
    'two recipes of one name',
    `${base}  recipes:\n    - &r {name: r, on: {type: x}, do: [{post: {channel: team, text: x}}]}\n    - {name: ▸r, on: {type: x}, do: [{post: {channel: team, text: x}}]}\n`,
    /written twice/,
  ],
  [
    'an address in the file',
    base.replace('{secret: x}', '▸"https://hooks.slack.com/T/B"'),
    /\{secret: NAME\}/,
  ],
  [
    'a channel of two types',
    base.replace('team: {slack', 'team: ▸{teams: {url: {secret: y}}, slack'),
    /exactly one type/,
  ],
  [
    'mail without a server',
    base.replace('channels: {', 'channels: {m: ▸{mail: {to: a@b.example}}, '),
    /no mail server/,
  ],
  [
    'a step nested in others',
    does('parallel: [{foreach: {in: data.x, do: [{▸psot: {}}]}}]'),
    /unknown key "psot"/,
  ],
]
for (const [what, marked, detail] of rows)
  t.test(what, async (t) => {
    const at = marked.indexOf('▸')
    const before = marked.slice(0, at).split('\n')
    const expected = { line: before.length, column: (before.at(-1) ?? '').length + 1 }
    try {
      parseConfig(marked.replace('▸', ''), { path: '/srv/config.yml', home: '/root' })
      t.fail('accepted')
    } catch (error) {
      if (!(error instanceof SummonerError)) throw error
      const all = error.errors ?? []
      t.ok(
        all.some(
          (one) => detail.test(one.detail) && one.line === expected.line && one.column === expected.column,
        ),
        `${expected.line}:${expected.column}`,
        { all },
      )
    }
  })

const folder = join(import.meta.dirname, '../../templates/recipes')
t.test('starters', async (t) => {
  const starters = readStarters(folder)
  t.equal(starters.length, readdirSync(folder).length)
  const config = configOf(
    '  mail: {host: localhost}\n  applications: [shop]\n  channels: {team: {slack: {url: {secret: x}}}}\n',
  )
  const renderer = createRenderer()
  for (const { name, needs, summary } of starters)
    await t.test(name, async (t) => {
      t.ok(summary.en && summary.fr)
      const filled = fillStarter(starters, name, { source: 'gitlab' }, config)
      t.notMatch(JSON.stringify(filled), /CHANNEL|SOURCE|MINION/)
      t.doesNotThrow(() => addRecipe(filled).intend(config))
      const checked = parseConfig(JSON.stringify({ summoner: { ...config, recipes: [filled] } }), {
        path: '/srv/config.yml',
        home: '/root',
      }).config.recipes[0]
      t.same(checked, filled, 'keeps the rules of the file')
      const wanted = [filled.on.type ?? []].flat()[0] ?? ''
      const sample = ownEventTypes().find(({ type }) => type === wanted)?.sample
      const event = {
        ...(sample ?? { id: 1, at: '2026-03-01T12:00:00Z', severity: 'info' as const }),
        type: wanted,
        source: needs.includes('source') ? 'gitlab' : 'summoner',
        title: sample?.title ?? 'It happened',
        actor: { name: 'Mira', email: 'mira@example.org' },
        url: 'https://a.example/x',
        subject: 'v1',
        data: { ref: 'main' },
      }
      const trial = tryRecipe(filled, event, {
        renderer,
        timezone: 'UTC',
        now: new Date(0),
        recall: () => undefined,
      })
      t.ok(trial.taken, 'takes its event', { trial })
      t.ok(
        trial.steps.length > 0 &&
          trial.steps.every(({ notes }) => notes.every((note) => !note.startsWith('fails'))),
      )
    })
  t.throws(() => fillStarter(starters, 'upload', {}, config), {
    code: 'starter.needs',
    message: /may be gitlab, other/,
  })
  t.throws(() => fillStarter(starters, 'uplaod', {}, config), {
    code: 'starter.unknown',
    message: /mean "upload"/,
  })
  t.throws(() => fillStarter(starters, 'upload', { source: 'gitlab', channel: 'taem' }, config), {
    message: /mean "team"/,
  })
})
