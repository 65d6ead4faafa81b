import type { Command } from '../command.ts'
import { cleanBlock } from '../text.ts'

export const recoverySheet: Command = {
  name: 'recovery-sheet',
  summary: 'print what brings this box back on another server: addresses, password, steps',
  details: 'Whoever holds the sheet can read every backup. Print it, and keep it off the server.',
  examples: ['summoner recovery-sheet', 'summoner recovery-sheet > /media/key/kit.txt'],
  run: async ({ api, out }) => {
    const { sheet } = await api.call<{ sheet: string }>('GET', '/recovery-sheet')
    out.document({ sheet })
    out.line(...cleanBlock(sheet))
  },
}
