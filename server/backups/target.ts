/** From what a template declares to the container that serves it now. */
import { join } from 'node:path'
import type { Container } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'
import type { TemplateDescription } from '../templates/template.ts'
import type { Target } from './dumpers/dumper.ts'
import { engineOf } from './dump.ts'

export interface TargetDeps {
  /** The template of a minion that was summoned; `minion.unknown` otherwise. */
  describe(minion: string): { description: TemplateDescription; images: 'registry' | 'distro' }
  containers(minion: string): Container[]
  readKept(dir: string): Record<string, string>
  minionsDir: string
  folders(minion: string): string[]
}

type Declared = NonNullable<TemplateDescription['dumps']>[number]

/** Every database of a minion, in the order of its template. Throws `dump.stopped` where one does not run. */
export function targetsOf(minion: string, deps: TargetDeps): Target[] {
  const { description, images } = deps.describe(minion)
  const dir = join(deps.minionsDir, minion)
  const kept = deps.readKept(dir)
  const resolve = (text: string) =>
    text.replace(/\$\{([A-Z][A-Z0-9_]*)\}/g, (_whole, key: string) => kept[key] ?? '')

  return (description.dumps ?? []).map((declared): Target => {
    const { service, user = '', password_env: passwordEnv } = declared
    const container = deps.containers(minion).find((one) => one.service === service)
    const engine = builtEngine(declared, description, images)
    // a file is there also while nobody serves it
    if (!container || (container.state !== 'running' && engine !== 'sqlite'))
      throw new SummonerError('dump.stopped', `${service} of ${minion} does not run, so nothing can read it.`)
    return {
      minion,
      service,
      engine,
      database: resolve(declared.database),
      container,
      account: { user: resolve(user), password: passwordEnv === undefined ? '' : (kept[passwordEnv] ?? '') },
      envFile: join(dir, '.env'),
      ...(passwordEnv === undefined ? {} : { passwordEnv }),
      folders: deps.folders(minion),
    }
  })
}

/** A distribution build may serve another engine than the image it stands for (mariadb for mysql). */
function builtEngine(
  { service, engine }: Declared,
  { images }: TemplateDescription,
  source: 'registry' | 'distro',
) {
  const built = source === 'distro' ? images[service]?.distro?.engine : undefined
  return engineOf(built ?? engine)
}
