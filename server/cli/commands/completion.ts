import type { Api } from '../api.ts'
import type { Command, Completes } from '../command.ts'
import { candidates, completionScripts, SHELLS } from '../completion.ts'
import { clean } from '../text.ts'

export const completion: Command = {
  name: 'completion',
  summary: 'print the completion script of a shell',
  arguments: [{ name: 'SHELL', values: SHELLS }],
  examples: ['source <(summoner completion bash)', 'summoner completion fish | source'],
  run: async ({ args, out }) => {
    out.raw(completionScripts[SHELLS.find((shell) => shell === args[0]) ?? 'bash'])
  },
}

const ASK_MS = 1500
const NAMES: Record<Exclude<Completes, 'command'>, { path: string; list?: string; key: string }> = {
  minion: { path: '/minions', key: 'name' },
  template: { path: '/templates', key: 'name' },
  secret: { path: '/secrets', key: 'name' },
  job: { path: '/jobs', key: 'id' },
  token: { path: '/tokens', key: 'id' },
  user: { path: '/users', key: 'name' },
  source: { path: '/sources', key: 'name' },
  channel: { path: '/channels', key: 'name' },
  recipe: { path: '/recipes', key: 'name' },
  starter: { path: '/recipes/starters', list: 'starters', key: 'name' },
}

/** Called by the scripts at every TAB: never an error, never a long wait. */
export const complete: Command = {
  name: '__complete',
  summary: '',
  hidden: true,
  arguments: [{ name: 'WORD', optional: true, repeat: true }],
  verbatimFrom: () => 0,
  run: async ({ args, api, out, commands }) => {
    const { words, ask } = candidates(args, commands)
    const names = ask === undefined || ask === 'command' ? [] : await namesOf(api, ask)
    const current = args.at(-1) ?? ''
    const lines = [
      ...words.map(({ word, help }) => `${word}\t${help}`),
      ...names.filter((name) => name.startsWith(current)).map((name) => `${name}\t${ask ?? ''}`),
    ]
    out.raw(lines.map((line) => `${line}\n`).join(''))
  },
}

async function namesOf(api: Api, what: keyof typeof NAMES): Promise<string[]> {
  const { path, key, list: where = path.slice(1) } = NAMES[what]
  try {
    const list = await api.list<Record<string, unknown>>(path, where, { timeoutMs: ASK_MS })
    return list.map((one) => clean(String(one[key])))
  } catch {
    return []
  }
}
