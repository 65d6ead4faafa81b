import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { commands } from './commands.ts'
import { candidates, completionScripts, SHELLS } from './completion.ts'

const words = (...typed: string[]) => candidates(typed, commands).words.map(({ word }) => word)

t.test('commands, then sub-commands, then what a command takes', async (t) => {
  t.same(words('te'), ['templates', 'template'])
  t.same(words('secret', ''), ['set', 'list', 'remove'])
  t.same(words('add', 'x', '--na'), ['--name'])
  t.same(words('add', '--images', ''), ['auto', 'registry', 'distro'])
  t.same(words('job', '01J', ''), ['show', 'log', 'follow', 'cancel'])
  t.same(words('completion', 'f'), ['fish'])
  t.notOk(words('').includes('__complete'), 'hidden commands stay hidden')
})

t.test('names that only the daemon knows', async (t) => {
  t.equal(candidates(['add', ''], commands).ask, 'template')
  t.equal(candidates(['logs', 'wo'], commands).ask, 'minion')
  t.equal(candidates(['start', 'a', 'b', ''], commands).ask, 'minion', 'repeats')
  t.equal(candidates(['logs', 'a', ''], commands).ask, undefined, 'one is enough')
  t.equal(candidates(['logs', '--since', ''], commands).ask, undefined, 'the value of an option')
  t.equal(candidates(['secret', 'remove', ''], commands).ask, 'secret')
  t.equal(candidates(['recipes', 'test', ''], commands).ask, 'recipe')
  t.equal(candidates(['recipes', 'add', ''], commands).ask, 'starter')
  t.equal(candidates(['recipes', 'add', 'upload', '--channel', ''], commands).ask, 'channel', 'of an option')
  t.equal(candidates(['channels', 'test', 'te'], commands).ask, 'channel')
  t.equal(candidates(['hooks', 'rotate', ''], commands).ask, 'source')
})

t.test('the scripts are valid where the shell is at hand', async (t) => {
  for (const shell of SHELLS) t.match(completionScripts[shell], /summoner __complete/u)
  const script = `summoner() { printf 'status\\tshow\\nstart\\trun\\n'; }
${completionScripts.bash}
COMP_WORDS=(summoner st); COMP_CWORD=1; _summoner; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['-euc', script])
  t.equal(stdout, 'status\nstart\n')
})
