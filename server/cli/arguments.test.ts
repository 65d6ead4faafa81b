import t from 'tap'
import { parseCommandLine } from './arguments.ts'
import { commands } from './commands.ts'
import { Refusal } from './refusal.ts'

const parse = (line: string) => parseCommandLine(line.split(' ').filter(Boolean), commands)

const good: [line: string, name: string, args: string[]][] = [
  ['', 'help', []],
  ['--help', 'help', []],
  ['--version', 'version', []],
  ['-V', 'version', []],
  ['status', 'status', []],
  ['--json status wordpress', 'status', ['wordpress']],
  ['secret set smtp', 'secret set', ['smtp']],
  ['secret --help', 'help', ['secret']],
  ['logs -f wordpress --since 10m', 'logs', ['wordpress']],
  ['job 01J log', 'job', ['01J', 'log']],
  ['start a b c', 'start', ['a', 'b', 'c']],
  ['token create ci --role operator', 'token create', ['ci']],
  [
    'import --name x docker run -p 80:80 --json img',
    'import',
    ['docker', 'run', '-p', '80:80', '--json', 'img'],
  ],
  ['import ./docker --dry-run', 'import', ['./docker']],
  ['add --help', 'add', []],
  ['__complete add --na', '__complete', ['add', '--na']],
]
for (const [line, name, args] of good)
  t.test(`good: summoner ${line}`, async (t) => {
    const parsed = parse(line)
    t.equal(parsed.command.name, name)
    t.same(parsed.args, args)
  })

t.test('options are read by kind', async (t) => {
  const { options, json } = parse('add nextcloud --env A=1 --env B=x=y --json --name cloud')
  t.same(options.list('env'), ['A=1', 'B=x=y'])
  t.equal(options.text('name'), 'cloud')
  t.equal(options.text('subdomain'), undefined)
  t.equal(json, true)
  t.equal(parse('remove x --purge').options.flag('purge'), true)
})

const bad: [line: string, title: RegExp, hint: RegExp][] = [
  ['stauts', /No command `stauts`/u, /summoner status/u],
  ['frobnicate', /No command/u, /summoner help/u],
  ['secret', /one more word/u, /secret set/u],
  ['secret sett x', /No command `secret sett`/u, /secret set/u],
  ['--jsno status', /No option `--jsno` before a command/u, /./u],
  ['add', /needs TEMPLATE/u, /Usage: summoner add TEMPLATE/u],
  ['add a b', /does not take `b`/u, /Usage/u],
  ['add a --nmae b', /no option --nmae/u, /--name/u],
  ['add a --name', /--name is not used that way/u, /Usage/u],
  ['add a --images hub', /--images cannot be `hub`/u, /registry/u],
  ['remove a --purge=yes', /--purge is not used that way/u, /Usage/u],
  ['job 1 explode', /ACTION cannot be `explode`/u, /cancel/u],
  ['completion csh', /SHELL cannot be `csh`/u, /fish/u],
  ['status a b', /does not take `b`/u, /Usage/u],
  ['start', /needs MINION/u, /Usage/u],
]
for (const [line, title, hint] of bad)
  t.test(`bad: summoner ${line}`, async (t) => {
    try {
      parse(line)
      t.fail('was accepted')
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      t.equal(error.exitCode, 2)
      t.match(error.complaint.title, title)
      t.match(error.complaint.hint, hint)
    }
  })

t.test('every command explains itself, and no two share a name', async (t) => {
  t.equal(new Set(commands.map(({ name }) => name)).size, commands.length)
  for (const { name, summary, options, hidden } of commands) {
    if (!hidden) t.match(summary, /\S{3}/u, name)
    for (const [option, { help }] of Object.entries(options ?? {}))
      t.match(help, /\S{3}/u, `${name} --${option}`)
    const shorts = Object.values(options ?? {}).flatMap(({ short }) => short ?? [])
    t.equal(new Set([...shorts, 'h']).size, shorts.length + 1, `${name}: short options`)
  }
})
