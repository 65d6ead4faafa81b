/** From what a template declares to the container that serves it now. */
import { join } from 'node:path'
import type { Container } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'
import type { SharedDatabase } from '../templates/shared-database.ts'
import type { TemplateDescription } from '../templates/template.ts'
import { interpolate } from '../templates/variables.ts'
import type { Target } from './dumpers/dumper.ts'
import { engineOf, type DumpEngine } from './dump.ts'

export interface TargetDeps {
  /** The template of a minion that was summoned, and where its database lies; `minion.unknown` otherwise. */
  describe(minion: string): Described
  containers(minion: string): Container[]
  readKept(dir: string): Record<string, string>
  minionsDir: string
  folders(minion: string): string[]
}

export interface Described {
  description: TemplateDescription
  images: 'registry' | 'distro'
  database?: SharedDatabase
}

type Declared = NonNullable<TemplateDescription['dumps']>[number]

/** Every database of a minion, in the order of its template. Throws `dump.stopped` where one does not run. */
export function targetsOf(minion: string, deps: TargetDeps): Target[] {
  const { description, images, database } = deps.describe(minion)
  const dir = join(deps.minionsDir, minion)
  const kept = deps.readKept(dir)

  return (description.dumps ?? []).map((declared): Target => {
    const { service } = declared
    const shared = database?.service === service ? database : undefined
    const container = shared
      ? deps.containers(shared.server)[0]
      : deps.containers(minion).find((one) => one.service === service)
    const engine = shared?.engine ?? builtEngine(declared, description, images)
    // a file is there also while nobody serves it
    if (!container || (container.state !== 'running' && engine !== 'sqlite'))
      throw new SummonerError(
        'dump.stopped',
        `${shared ? shared.server : `${service} of ${minion}`} does not run, so nothing can read it.`,
      )
    return targetOn({ minion, declared, engine, container, kept, dir }, deps.folders(minion), shared)
  })
}

interface On {
  minion: string
  declared: Declared
  engine: DumpEngine
  container: Container
  /** `.env`, and the folder that it lies in. */
  kept: Readonly<Record<string, string>>
  dir: string
}

/** One declared database, served by this container. */
export function targetOn(
  { minion, declared, engine, container, kept, dir }: On,
  folders: readonly string[] = [],
  shared?: SharedDatabase,
): Target {
  const { service, database, user = '', password_env: passwordEnv } = declared
  return {
    minion,
    service,
    engine,
    database: interpolate(database, kept),
    container,
    account: {
      user: interpolate(user, kept),
      password: passwordEnv === undefined ? '' : (kept[passwordEnv] ?? ''),
    },
    envFile: join(dir, '.env'),
    ...(passwordEnv === undefined ? {} : { passwordEnv }),
    folders,
    shared: shared !== undefined,
  }
}

/** A distribution build may serve another engine than the image it stands for (mariadb for mysql). */
export function builtEngine(
  { service, engine }: Declared,
  { images }: TemplateDescription,
  source: 'registry' | 'distro',
): DumpEngine {
  const built = source === 'distro' ? images[service]?.distro?.engine : undefined
  return engineOf(built ?? engine)
}
