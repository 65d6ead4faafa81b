import type { Command } from '../command.ts'
import { usageError } from '../refusal.ts'
import { clean } from '../text.ts'

export const templateNew: Command = {
  name: 'template new',
  summary: 'write a first template to start from',
  details:
    'Two files in minions/NAME that pass the check and can be summoned. docs/templates.md explains each field.',
  arguments: [{ name: 'NAME' }],
  options: {
    image: { type: 'string', value: 'IMAGE:TAG', help: 'its image with an exact version (nginx)' },
    port: { type: 'string', value: 'PORT', help: 'where it answers inside (80)' },
    database: { type: 'string', values: ['postgres', 'mariadb'], help: 'with a database of its own' },
  },
  examples: [
    'summoner template new notices',
    'summoner template new shop --image example/shop:2.4.1 --port 3000 --database postgres',
  ],
  run: async ({ args, api, options, out }) => {
    const [name = ''] = args
    const port = options.text('port')
    if (port !== undefined && !/^[1-9]\d{0,4}$/.test(port))
      throw usageError(`--port ${clean(port)} is not a port`, 'Give a number from 1 to 65535.')
    const image = options.text('image')
    const database = options.text('database')
    const made = await api.call<{ name: string; files: string[] }>('POST', '/templates', {
      name,
      ...(image === undefined ? {} : { image }),
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(database === undefined ? {} : { database }),
    })
    out.document(made)
    const shown = clean(made.name)
    out.line(
      `${out.style.green('✔')} Wrote ${made.files.map((file) => `minions/${shown}/${clean(file)}`).join(' and ')}.`,
      `  Check it:  summoner template check ${shown}`,
      `  Try it:    summoner template test ${shown}`,
      `  Summon it: summoner add ${shown}`,
    )
  },
}
