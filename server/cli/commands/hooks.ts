import type { Command, Context } from '../command.ts'
import { usageError } from '../refusal.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'
import { age, parseDuration } from '../units.ts'

interface Source {
  name: string
  type: string
  title: string
  minion?: string
  address: string
  proof: 'address' | 'secret' | 'missing'
  tokens: { id: string; expires?: string }[]
  accepted: number
  repeated: number
  refused: Record<string, number>
  lastSeen?: string
  lastRefused?: { at: string; reason: string }
}

interface Address {
  source: string
  id: string
  url: string
  inside: string
  secret?: string
  steps: { en: string; fr: string }
}

const NAMED = [{ name: 'SOURCE', completes: 'source' }] as const
const pathOf = (name: string, rest = '') => `/sources/${encodeURIComponent(name)}${rest}`

export const hooks: Command = {
  name: 'hooks',
  summary: 'list who may send webhooks, when they last did, and what was refused',
  options: { types: { type: 'boolean', help: 'list the tools that are understood instead' } },
  examples: ['summoner hooks', 'summoner hooks --types', 'summoner hooks --json'],
  run: async ({ api, options, out, world }) => {
    if (options.flag('types')) {
      const types = await api.list<{ name: string; title: string; events: string[] }>(
        '/sources/types',
        'types',
      )
      out.document({ types })
      const rows = types.map(({ name, title, events }) => [name, title, events.join(' ')])
      const columns = [{ title: 'TYPE' }, { title: 'TOOL' }, { title: 'EVENTS', min: 20 }]
      return out.line(...renderTable(columns, rows, out.width(), out.style))
    }
    const list = await api.list<Source>('/sources', 'sources')
    out.document({ sources: list })
    if (list.length === 0) return out.line('No sources yet: summoner hooks add NAME --type TYPE')
    const refusals = ({ refused }: Source) => Object.values(refused).reduce((sum, count) => sum + count, 0)
    out.line(
      ...renderTable(
        [
          { title: 'SOURCE' },
          { title: 'TYPE' },
          { title: 'ADDRESS', min: 12, optional: 2 },
          { title: 'ADDRESSES', optional: 3 },
          { title: 'TAKEN' },
          { title: 'REFUSED' },
          { title: 'LAST SEEN' },
        ],
        list.map((source) => [
          clean(source.name),
          clean(source.type),
          clean(source.address),
          String(source.tokens.length),
          String(source.accepted),
          String(refusals(source)),
          source.lastSeen ? age(source.lastSeen, world.now()) : 'never',
        ]),
        out.width(),
        out.style,
      ),
    )
    for (const { name, proof, tokens, lastRefused, title } of list) {
      if (proof === 'missing')
        out.line(`${clean(name)}: ${clean(title)} makes up its own secret; name it in config.yml as secret.`)
      if (tokens.length === 0)
        out.line(`${clean(name)}: it has no address: summoner hooks rotate ${clean(name)}`)
      if (lastRefused)
        out.line(
          `${clean(name)}: last refused ${age(lastRefused.at, world.now())}: ${clean(lastRefused.reason)}`,
        )
    }
  },
}

export const hooksAdd: Command = {
  name: 'hooks add',
  summary: 'let a tool send webhooks; its address is shown once',
  arguments: [{ name: 'NAME' }],
  options: {
    type: { type: 'string', value: 'TYPE', help: 'the tool (its NAME); summoner hooks --types lists them' },
    minion: { type: 'string', value: 'MINION', help: 'the minion that it is' },
    secret: { type: 'string', value: 'SECRET', help: 'a secret of the box that it proves itself with' },
  },
  examples: ['summoner hooks add gitlab', 'summoner hooks add ci --type standard-webhooks'],
  run: async (context) => {
    const { args, api, options } = context
    const name = args[0] ?? ''
    const [minion, secret] = [options.text('minion'), options.text('secret')]
    const made = await api.call<Address>('POST', '/sources', {
      name,
      type: options.text('type') ?? name,
      ...(minion === undefined ? {} : { minion }),
      ...(secret === undefined ? {} : { secret: { secret } }),
    })
    show(context, made)
  },
}

export const hooksRotate: Command = {
  name: 'hooks rotate',
  summary: 'make a new address and secret; the old ones stay good for a while',
  arguments: NAMED,
  options: {
    overlap: { type: 'string', value: 'TIME', help: 'how long the old ones stay: 12h, 7d, 0 (1d)' },
  },
  examples: ['summoner hooks rotate gitlab', 'summoner hooks rotate gitlab --overlap 0'],
  run: async (context) => {
    const { args, api, options } = context
    const text = options.text('overlap')
    const overlap = text === undefined ? undefined : text === '0' ? 0 : parseDuration(text)
    if (text !== undefined && overlap === undefined)
      throw usageError(`--overlap ${clean(text)} is no time`, 'Write 12h, 7d or 0.')
    const body = overlap === undefined ? {} : { overlap: Math.round(overlap / 1000) }
    show(context, await api.call<Address>('POST', pathOf(args[0] ?? '', '/tokens'), body))
  },
}

export const hooksRevoke: Command = {
  name: 'hooks revoke',
  summary: 'withdraw the addresses of a source, at once',
  arguments: [...NAMED, { name: 'ID', optional: true }],
  details: 'Without ID all of them. The source stays in config.yml; `hooks rotate` gives it a new address.',
  run: async ({ args, api, out }) => {
    const [name = '', id] = args
    if (id !== undefined) await api.call('DELETE', pathOf(name, `/tokens/${encodeURIComponent(id)}`))
    else await api.call('DELETE', pathOf(name, '/tokens'))
    out.document({ name, ...(id === undefined ? {} : { id }) })
    out.line(
      `${out.style.green('✔')} ${clean(name)} can no longer send to ${id ? 'that address' : 'its addresses'}.`,
    )
  },
}

export const hooksRemove: Command = {
  name: 'hooks remove',
  summary: 'remove a source from config.yml, and its addresses',
  arguments: NAMED,
  run: async ({ args, api, out }) => {
    const [name = ''] = args
    await api.call('DELETE', pathOf(name))
    out.document({ name })
    out.line(`${out.style.green('✔')} The source ${clean(name)} is removed.`)
  },
}

export const hooksConnect: Command = {
  name: 'hooks connect',
  summary: 'let a minion send its webhooks to this box',
  details:
    'GitLab, Gitea, Forgejo, Mattermost, Nextcloud, SonarQube, Ghost and WordPress are set up by Summoner itself; for the others the address and the exact steps are shown.',
  arguments: [{ name: 'MINION', completes: 'minion' }],
  examples: ['summoner hooks connect wordpress'],
  run: async (context) => {
    const { args, api, out } = context
    const name = args[0] ?? ''
    const path = `/minions/${encodeURIComponent(name)}/hooks`
    const made = await api.call<Address & { connected: boolean; note?: string }>(
      'POST',
      path,
      {},
      // rails alone takes half a minute to start
      { timeoutMs: 600_000 },
    )
    if (!made.connected) return show(context, made)
    const { note } = made
    out.document({ source: made.source, id: made.id, connected: true, ...(note ? { note } : {}) })
    out.line(
      `${out.style.green('✔')} ${clean(name)} sends its webhooks here, as the source ${clean(made.source)}.`,
    )
    if (note) out.line(`  ${clean(note)}`)
  },
}

function show({ out }: Context, made: Address): void {
  out.document(made)
  if (out.json) return
  out.line(`${out.style.green('✔')} Webhooks of ${clean(made.source)} go to (shown once):`, '')
  out.line(`  URL      ${clean(made.url)}`)
  out.line(`  on box   ${clean(made.inside)}`)
  if (made.secret !== undefined) out.line(`  secret   ${clean(made.secret)}`)
  out.line('', clean(made.steps.en))
}
