import type { Command } from '../command.ts'
import { Refusal } from '../refusal.ts'
import { clean } from '../text.ts'

const NAMED = [{ name: 'NAME', completes: 'secret' }] as const
const pathOf = (name: string) => `/secrets/${encodeURIComponent(name)}`

export const secretSet: Command = {
  name: 'secret set',
  summary: 'store a secret of the box; it is never shown again',
  details:
    'The value is read from standard input, or asked for without showing it. It is never an argument:\narguments are visible to every user of the machine.',
  arguments: NAMED,
  examples: ['summoner secret set smtp', 'pass show smtp | summoner secret set smtp'],
  run: async ({ args, api, out, world }) => {
    const [name = ''] = args
    const typed = world.readInput
      ? await world.readInput()
      : await world.ask?.(`Value of ${clean(name)}: `, { hidden: true })
    const value = (typed ?? '').replace(/\r?\n$/u, '')
    if (value === '') throw new Refusal({ title: 'The value is empty', hint: 'Nothing was stored.' })
    await api.call('PUT', pathOf(name), { value })
    out.document({ name })
    out.line(`${out.style.green('✔')} Secret ${clean(name)} is stored. Use it as {secret: ${clean(name)}}.`)
  },
}

export const secretList: Command = {
  name: 'secret list',
  summary: 'list the names of the secrets',
  run: async ({ api, out }) => {
    const list = await api.list<{ name: string }>('/secrets', 'secrets')
    const names = list.map(({ name }) => name)
    out.document({ secrets: list })
    out.line(...(names.length > 0 ? names.map(clean) : ['No secrets yet: summoner secret set NAME']))
  },
}

export const secretRemove: Command = {
  name: 'secret remove',
  summary: 'delete a secret',
  arguments: NAMED,
  run: async ({ args, api, out }) => {
    const [name = ''] = args
    await api.call('DELETE', pathOf(name))
    out.document({ name })
    out.line(`${out.style.green('✔')} Secret ${clean(name)} is deleted.`)
  },
}
