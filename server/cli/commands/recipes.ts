import type { Event } from '../../events/event.ts'
import type { Recipe } from '../../webhooks/recipe.ts'
import type { Starter } from '../../webhooks/starters.ts'
import type { Trial } from '../../webhooks/try-recipe.ts'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from '../command.ts'
import { Refusal, usageError } from '../refusal.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'
import { age } from '../units.ts'

interface Line {
  name: string
  enabled: boolean
  stopped?: string
  builtIn?: boolean
  runs: number
  lastRun?: string
  recipe: Recipe
}

const NAMED = [{ name: 'NAME', completes: 'recipe' }] as const
const pathOf = (name: string) => `/recipes/${encodeURIComponent(name)}`

export const recipes: Command = {
  name: 'recipes',
  summary: 'list the recipes: which events lead to what',
  examples: ['summoner recipes', "summoner recipes --json | jq '.recipes[].name'"],
  run: async ({ api, out, world }) => {
    const list = await api.list<Line>('/recipes', 'recipes')
    out.document({ recipes: list })
    if (list.length === 0)
      return out.line('No recipes yet. See `summoner recipes starters`, then `summoner recipes add STARTER`.')
    out.line(
      ...renderTable(
        [
          { title: 'STATE' },
          { title: 'NAME', min: 8 },
          { title: 'ON', min: 12, optional: 1 },
          { title: 'DOES', min: 10, optional: 2 },
          { title: 'RUNS', align: 'right' },
          { title: 'LAST', optional: 3 },
        ],
        list.map((line) => [
          stateOf(line, out.style),
          line.name,
          [[line.recipe.on.source ?? []].flat(), [line.recipe.on.type ?? []].flat()].flat().join(' '),
          doesOf(line.recipe),
          String(line.runs),
          line.lastRun ? age(line.lastRun, world.now()) : '',
        ]),
        out.width(),
        out.style,
      ),
    )
    for (const { name, stopped } of list)
      if (stopped !== undefined)
        out.line(`${out.style.red('■')} ${clean(name)} was stopped: ${clean(stopped)}`)
  },
}

function stateOf(
  { enabled, stopped, builtIn }: Line,
  style: { [Paint in 'red' | 'dim' | 'green']: (text: string) => string },
) {
  if (stopped !== undefined) return { text: '■ Stopped', paint: style.red }
  if (!enabled) return { text: '○ Off', paint: style.dim }
  return { text: builtIn ? '● Built in' : '● On', paint: style.green }
}

const doesOf = ({ do: steps }: Recipe) =>
  steps
    .map((step) => {
      if (step.post) return `post ${[step.post.channel].flat().join(' ')}`
      if (step.minion) return Object.entries(step.minion).flat().join(' ')
      return Object.keys(step).find(
        (key) => !['as', 'if', 'delay', 'throttle', 'group', 'on_failure'].includes(key),
      )
    })
    .join(', ')

export const recipesTest: Command = {
  name: 'recipes test',
  summary: 'show what a recipe would do with an event, without sending anything',
  details:
    'Without an event: the newest that sets the recipe off, or an example made to fit where none has come yet. With --source the file is\nwhat that tool sends: its body, or {"headers": {…}, "body": …}.',
  arguments: NAMED,
  options: {
    event: { type: 'string', value: 'ID', help: 'an event of the log: summoner events --json' },
    file: { type: 'string', value: 'FILE', help: 'an event as JSON; - reads it from standard input' },
    source: {
      type: 'string',
      value: 'SOURCE',
      completes: 'source',
      help: 'FILE is a webhook of this source, or of a tool: gitlab',
    },
    header: {
      type: 'string',
      multiple: true,
      value: 'HEADER',
      help: 'a header of that webhook: "X-GitHub-Event: push"',
    },
  },
  examples: [
    'summoner recipes test pipeline-failed',
    'summoner recipes test pipeline-failed --event 4711',
    'summoner recipes test pipeline-failed --source gitlab --file payload.json',
  ],
  run: async ({ args, api, options, out, world }) => {
    const [name = ''] = args
    const [id, file] = [options.text('event'), options.text('file')]
    if (id !== undefined && !/^\d{1,15}$/u.test(id))
      throw usageError('--event wants a number', 'For example --event 12.')
    const source = options.text('source')
    if (source !== undefined && file === undefined)
      throw usageError('--source wants --file', 'The file holds what the tool sends.')
    const text = file === '-' ? ((await world.readInput?.()) ?? '') : file && readFile(world.cwd, file)
    let given = {}
    if (source !== undefined) given = { webhook: webhookOf(source, text ?? '', options.list('header')) }
    else if (text !== undefined) given = { event: jsonOf(text) }
    else if (id !== undefined) given = { event: Number(id) }
    const trial = await api.call<Trial & { event: Event; sample?: boolean }>(
      'POST',
      `${pathOf(name)}/test`,
      given,
    )
    out.document(trial)
    const { style } = out
    out.line(
      `${trial.sample ? 'An example' : `Event ${trial.event.id}`}: ${clean(trial.event.type)} of ${clean(trial.event.source)}: ${clean(trial.event.title)}`,
      '',
    )
    for (const { at, outcome, why } of trial.decisions) {
      const sign = outcome === 'yes' ? style.green('✔') : outcome === 'no' ? style.red('✘') : style.dim('·')
      out.line(`${sign} ${clean(at)}: ${clean(why)}`)
    }
    if (!trial.taken) {
      out.line('', 'The recipe does nothing with this event.')
      return
    }
    for (const step of trial.steps) {
      out.line('', style.bold(`${step.step}  ${step.action} → ${clean(step.destination)}`))
      for (const note of step.notes) out.line(`   ${style.dim(clean(note))}`)
      for (const line of step.text.split('\n')) out.line(`   ${clean(line)}`)
    }
    out.line('', 'Nothing was sent.')
  },
}

function readFile(cwd: string, file: string): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8')
  } catch (error) {
    throw new Refusal({ title: `${file} cannot be read`, detail: (error as Error).message })
  }
}

/** The body alone, or with the headers it came with; a form is sent on as it is. */
function webhookOf(source: string, text: string, lines: readonly string[]) {
  const given = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':')
      if (at < 1) throw usageError(`${clean(line)} is no header`, 'Write it like "X-GitHub-Event: push".')
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()]
    }),
  )
  if (!/^\s*[[{]/.test(text)) return { source, headers: given, body: text }
  const read = jsonOf(text) as { headers?: unknown; body?: unknown }
  const recorded = typeof read.headers === 'object' && read.headers !== null && read.body !== undefined
  if (!recorded) return { source, headers: given, body: read }
  return { source, headers: { ...(read.headers as Record<string, string>), ...given }, body: read.body }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new Refusal({ title: 'The event is not JSON', detail: (error as Error).message })
  }
}

export const recipesStarters: Command = {
  name: 'recipes starters',
  summary: 'list recipes to begin with',
  run: async ({ api, out }) => {
    const list = await api.list<Starter>('/recipes/starters', 'starters')
    out.document({ starters: list })
    out.line(
      ...renderTable(
        [{ title: 'STARTER' }, { title: 'WHAT IT DOES', min: 20 }, { title: 'NEEDS', optional: 1 }],
        list.map(({ name, summary, needs }) => [
          name,
          summary.en,
          needs.map((need) => `--${need}`).join(' '),
        ]),
        out.width(),
        out.style,
      ),
    )
  },
}

export const recipesAdd: Command = {
  name: 'recipes add',
  summary: 'write a starter into config.yml as a recipe of your own',
  details: 'The only channel or source there is need not be named.',
  arguments: [{ name: 'STARTER', completes: 'starter' }],
  options: {
    channel: { type: 'string', value: 'CHANNEL', completes: 'channel', help: 'where it tells' },
    source: { type: 'string', value: 'SOURCE', completes: 'source', help: 'whose events it takes' },
    minion: { type: 'string', value: 'MINION', completes: 'minion', help: 'what it acts on' },
    name: { type: 'string', value: 'NAME', help: 'another name than that of the starter' },
  },
  examples: [
    'summoner recipes add pipeline-failed --channel team',
    'summoner recipes add tag-redeploy --minion shop',
  ],
  run: async ({ args, api, options, out }) => {
    const [starter = ''] = args
    const body: Record<string, string> = { starter }
    for (const key of ['channel', 'source', 'minion', 'name']) {
      const value = options.text(key)
      if (value !== undefined) body[key] = value
    }
    const { recipe } = await api.call<{ recipe: Recipe }>('POST', '/recipes', body)
    out.document({ recipe })
    out.line(`${out.style.green('✔')} The recipe ${clean(recipe.name)} is in config.yml and at work.`)
    out.note(`Try it: summoner recipes test ${recipe.name}`)
  },
}

export const recipesRemove: Command = {
  name: 'recipes remove',
  summary: 'take a recipe out of config.yml',
  arguments: NAMED,
  run: async ({ args, api, out }) => {
    const [name = ''] = args
    await api.call('DELETE', pathOf(name))
    out.document({ name })
    out.line(`${out.style.green('✔')} The recipe ${clean(name)} is gone.`)
  },
}

const switching = (verb: 'enable' | 'disable', summary: string, done: string): Command => ({
  name: `recipes ${verb}`,
  summary,
  arguments: NAMED,
  run: async ({ args, api, out }) => {
    const [name = ''] = args
    const line = await api.call<Line>('POST', `${pathOf(name)}/${verb}`)
    out.document(line)
    out.line(`${out.style.green('✔')} The recipe ${clean(name)} ${done}.`)
  },
})

export const recipesEnable = switching('enable', 'let a recipe work, also one that was stopped', 'is at work')
export const recipesDisable = switching('disable', 'let a recipe rest', 'rests')
