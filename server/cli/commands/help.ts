import { suggest } from '../../config/suggest.ts'
import type { Command } from '../command.ts'
import { explain, overview } from '../help.ts'
import { usageError } from '../refusal.ts'
import { clean } from '../text.ts'

export const help: Command = {
  name: 'help',
  summary: 'list the commands, or explain one',
  arguments: [{ name: 'COMMAND', optional: true, repeat: true, completes: 'command' }],
  examples: ['summoner help', 'summoner help add', 'summoner help secret set'],
  run: async ({ args, out, commands }) => {
    const visible = commands.filter(({ hidden }) => !hidden)
    if (args.length === 0) {
      out.document({ commands: visible.map(({ name, summary }) => ({ name, summary })) })
      out.line(...overview(visible, out.style))
      return
    }
    const name = args.join(' ')
    const command = visible.find((candidate) => candidate.name === name)
    const family = visible.filter((candidate) => candidate.name.startsWith(`${name} `))
    if (!command && family.length === 0) {
      const near = suggest(
        name,
        visible.map((candidate) => candidate.name),
      )
      throw usageError(
        `No command \`${clean(name)}\``,
        near ? `Did you mean \`summoner help ${near}\`?` : 'Run `summoner help` to see the commands.',
      )
    }
    if (command) out.line(...explain(command, out.style))
    else out.line(...overview(family, out.style))
  },
}
