/** One command line from argv to exit code. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Api } from './api.ts'
import { parseCommandLine } from './arguments.ts'
import type { Command, World } from './command.ts'
import { renderComplaint } from './complaint-view.ts'
import { Interrupted } from './follow.ts'
import { explain } from './help.ts'
import { createOutput, type Output, type Sink } from './output.ts'
import { Refusal, type Complaint } from './refusal.ts'

export interface Surroundings {
  commands: readonly Command[]
  api: Api
  stdout: Sink
  stderr: Sink
  color: boolean
  world: World
  version: string
}

export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { commands, api, world, version } = surroundings
  // A command line that cannot be parsed still answers in the form that was asked for.
  const asked = (json: boolean) => createOutput({ ...surroundings, json })
  let out = asked(argv.includes('--json'))
  try {
    const { command, args, options, json, help } = parseCommandLine(argv, commands)
    out = asked(json)
    if (help) {
      asked(false).line(...explain(command, out.style))
      return 0
    }
    const source = sourceOf(surroundings)
    return (await command.run({ args, options, api, out, world, source, version, commands })) ?? 0
  } catch (error) {
    if (error instanceof Interrupted) return 130
    const { complaint, exitCode } = error instanceof Refusal ? error : unexpected(error)
    complain(complaint, out, surroundings)
    return exitCode
  }
}

function complain(complaint: Complaint, out: Output, surroundings: Surroundings): void {
  const { stderr, color } = surroundings
  if (out.json) {
    out.document({ error: complaint })
    return
  }
  const { style } = createOutput({ stdout: stderr, stderr, json: false, color })
  const width = stderr.terminal ? stderr.columns() : 10_000
  out.note(...renderComplaint(complaint, { style, width, source: sourceOf(surroundings) }))
}

/** Only where the daemon is this machine's: elsewhere the same path is another file. */
function sourceOf({ api, world }: Surroundings): (path: string) => string | undefined {
  if (!api.local) return () => undefined
  return (path) =>
    documentAt(path === 'config.yml' ? world.configFile : resolve(world.home, path)) ??
    documentAt(resolve(world.cwd, path))
}

function unexpected(error: unknown): Refusal {
  const { message, code, path } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR' || code === 'ENOTDIR')
    return new Refusal({
      title: 'A file cannot be read',
      detail: `${path ?? ''}: ${code}`,
      hint: 'Check the path.',
    })
  return new Refusal({
    title: 'The command line met an error of its own',
    detail: message,
    hint: 'Please report it with the command you typed.',
  })
}

/** Only ordinary, small files: a place in an answer must not make us read a device or a disk image. */
function documentAt(file: string): string | undefined {
  try {
    if (!existsSync(file)) return undefined
    const { size } = statSync(file)
    return statSync(file).isFile() && size < 1_048_576 ? readFileSync(file, 'utf8') : undefined
  } catch {
    return undefined
  }
}
