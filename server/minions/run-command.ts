/** Commands that a template declares (first administrator, rename, quiesce): argv inside one of its running containers. */
import type { Engine } from '../docker/container.ts'
import type { Projection } from '../docker/projection.ts'
import { SummonerError } from '../errors.ts'
import type { TemplateCommand } from '../templates/template.ts'

interface RunDeps {
  projection: Projection
  engine: Pick<Engine, 'execIn'>
}

export interface RunInput {
  minion: string
  command: TemplateCommand
  /** Values for `${VARIABLES}` in the command's own `env`. */
  variables: Readonly<Record<string, string>>
  /** Added as they are, e.g. OLD_URL. */
  env?: Record<string, string>
}

/** `exec.failed` with the end of what the command said. Returns its output. */
export async function runCommand(
  { minion, command, variables, env = {} }: RunInput,
  { projection, engine }: RunDeps,
): Promise<string> {
  const container = projection
    .ours(minion)
    .find(({ service, state }) => service === command.service && state === 'running')
  if (!container)
    throw new SummonerError(
      'exec.failed',
      `${command.service} of ${minion} does not run, so ${command.argv[0]} cannot.`,
    )
  const own = Object.fromEntries(
    Object.entries(command.env ?? {}).map(([key, value]) => [key, substitute(value, variables)]),
  )
  const result = await engine.execIn(container.id, command.argv, {
    env: { ...own, ...env },
    timeoutMs: 300_000,
    ...(command.user ? { user: command.user } : {}),
  })
  if (result.code !== 0) {
    const said = (result.stderr.trim() || result.stdout.trim()).slice(-800)
    throw new SummonerError(
      'exec.failed',
      `${command.argv.join(' ')} in ${container.name} ended with code ${result.code}: ${said}`,
    )
  }
  return result.stdout
}

export function substitute(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{([A-Z][A-Z0-9_]*)\}/g, (_whole, key: string) => variables[key] ?? '')
}
