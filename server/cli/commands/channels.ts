import type { Channel } from '../../webhooks/channel.ts'
import { CHANNEL_TYPES, type ChannelType } from '../../webhooks/words.ts'
import type { Command } from '../command.ts'
import { Refusal, usageError } from '../refusal.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'

interface Line {
  name: string
  type: ChannelType
  missing: string[]
  waiting: number
  delivered: number
  dead: number
  failing: boolean
}

const NAMED = [{ name: 'NAME', completes: 'channel' }] as const
const pathOf = (name: string) => `/channels/${encodeURIComponent(name)}`

export const channels: Command = {
  name: 'channels',
  summary: 'list the channels that recipes write to, and how they do',
  run: async ({ api, out }) => {
    const list = await api.list<Line>('/channels', 'channels')
    out.document({ channels: list })
    if (list.length === 0) return out.line('No channels yet: summoner channels add team mattermost')
    out.line(
      ...renderTable(
        [
          { title: 'STATE' },
          { title: 'NAME', min: 6 },
          { title: 'TYPE' },
          { title: 'WAITING', align: 'right' },
          { title: 'DELIVERED', align: 'right', optional: 1 },
          { title: 'GIVEN UP', align: 'right', optional: 2 },
        ],
        list.map((line) => [
          stateOf(line, out.style),
          line.name,
          line.type,
          String(line.waiting),
          String(line.delivered),
          String(line.dead),
        ]),
        out.width(),
        out.style,
      ),
    )
    for (const { missing } of list)
      for (const secret of missing)
        out.note(`The secret ${clean(secret)} is not set: summoner secret set ${clean(secret)}`)
  },
}

function stateOf(
  { failing, missing }: Line,
  style: { [Paint in 'red' | 'yellow' | 'green']: (text: string) => string },
) {
  if (failing) return { text: '■ Failing', paint: style.red }
  return missing.length > 0
    ? { text: '▲ No secret', paint: style.yellow }
    : { text: '● Ready', paint: style.green }
}

/** What each type asks for: its secrets by key, and settings that must be given. */
const ASKS: Partial<Record<ChannelType, { secrets: Record<string, string>; settings?: string[] }>> = {
  matrix: { secrets: { url: 'address of the homeserver', token: 'access token' }, settings: ['room'] },
  gotify: { secrets: { url: 'address of the server', token: 'token of the application' } },
  telegram: { secrets: { token: 'token of the bot' }, settings: ['chat'] },
  wekan: {
    secrets: { url: 'address of Wekan', password: 'password' },
    settings: ['user', 'board', 'list', 'swimlane'],
  },
  gitlab: { secrets: { url: 'address of GitLab', token: 'access token' }, settings: ['project'] },
  mail: { secrets: {}, settings: ['to'] },
}
const HOOK: NonNullable<(typeof ASKS)[ChannelType]> = { secrets: { url: 'address of the incoming webhook' } }

export const channelsAdd: Command = {
  name: 'channels add',
  summary: 'write a channel into config.yml, and store its address as a secret',
  details:
    'The address is asked for without showing it, or read from standard input; it is never an argument. A second secret\n(a token) is asked for on a terminal, or set with `summoner secret set NAME-token`.',
  arguments: [{ name: 'NAME' }, { name: 'TYPE', values: CHANNEL_TYPES }],
  options: {
    set: {
      type: 'string',
      multiple: true,
      value: 'KEY=VALUE',
      help: 'a setting of the type, e.g. project=acme/shop',
    },
  },
  examples: [
    'summoner channels add team mattermost',
    'summoner channels add ops mail --set to=ops@example.org',
    'summoner channels add bugs gitlab --set project=acme/shop',
  ],
  run: async ({ args, api, options, out, world }) => {
    const [name = '', type = ''] = args
    if (!CHANNEL_TYPES.includes(type as ChannelType))
      throw usageError(`There is no type ${clean(type)}`, `One of ${CHANNEL_TYPES.join(', ')}.`)
    const { secrets, settings = [] } = ASKS[type as ChannelType] ?? HOOK
    const given = Object.fromEntries(options.list('set').map(pairOf))
    const absent = settings.filter((key) => given[key] === undefined)
    if (absent.length > 0)
      throw usageError(
        `A channel of type ${type} needs ${absent.join(', ')}`,
        `For example ${absent.map((key) => `--set ${key}=…`).join(' ')}.`,
      )
    const entries = Object.keys(secrets).map((key) => [key, { secret: secretOf(name, key) }])
    const channel = { [type]: { ...given, ...Object.fromEntries(entries) } } as Channel
    const { missing } = await api.call<{ missing: string[] }>('PUT', pathOf(name), channel)
    const piped = world.readInput ? (await world.readInput()).replace(/\r?\n$/u, '') : undefined
    const unset: string[] = []
    for (const [index, [key, what]] of Object.entries(secrets).entries()) {
      const secret = secretOf(name, key)
      const value =
        piped === undefined
          ? await world.ask?.(`${upper(what)}: `, { hidden: true })
          : index === 0
            ? piped
            : ''
      if (value) await api.call('PUT', `/secrets/${encodeURIComponent(secret)}`, { value: value.trim() })
      else if (missing.includes(secret)) unset.push(secret)
    }
    out.document({ name, type, missing: unset })
    out.line(`${out.style.green('✔')} The channel ${clean(name)} is in config.yml.`)
    for (const secret of unset) out.note(`Its secret is still to be set: summoner secret set ${secret}`)
    if (unset.length === 0) out.note(`Try it: summoner channels test ${name}`)
  },
}

const secretOf = (name: string, key: string) => `${name.slice(0, 30)}-${key}`
const upper = (text: string) => (text[0] ?? '').toUpperCase() + text.slice(1)

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw usageError(`${clean(text)} is no setting`, 'Write it like --set project=acme/shop.')
}

export const channelsTest: Command = {
  name: 'channels test',
  summary: 'send a message to a channel now, and say what came of it',
  arguments: NAMED,
  options: { text: { type: 'string', value: 'TEXT', help: 'another text' } },
  run: async ({ args, api, options, out }) => {
    const [name = ''] = args
    const text = options.text('text')
    if (text === '') throw new Refusal({ title: 'The text is empty' })
    const done = await api.call('POST', `${pathOf(name)}/test`, text === undefined ? {} : { text })
    out.document(done)
    out.line(`${out.style.green('✔')} ${clean(name)} took the message.`)
  },
}

export const channelsRemove: Command = {
  name: 'channels remove',
  summary: 'take a channel out of config.yml; its secrets stay',
  arguments: NAMED,
  run: async ({ args, api, out }) => {
    const [name = ''] = args
    await api.call('DELETE', pathOf(name))
    out.document({ name })
    out.line(`${out.style.green('✔')} The channel ${clean(name)} is gone.`)
  },
}
