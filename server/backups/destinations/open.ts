/** A destination as a repository that can be used: its secrets read, its key on disk while it is in use. */
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Directories } from '../../config/environment.ts'
import { writeFileAtomic } from '../../config/write-file.ts'
import type { Exec } from '../../docker/container.ts'
import { SummonerError } from '../../errors.ts'
import { createRepository, type Repository } from '../repository.ts'
import type { Destination } from '../settings.ts'
import { isFolder, reachOf, sftpPlace } from './address.ts'

export interface OpenDeps {
  exec: Exec
  dirs: Pick<Directories, 'run' | 'state' | 'backups'>
  passwordFile: string
  /** Whose snapshots are seen there; absent: those of all. */
  box?: { id: string }
  secret(name: string): string
}

export interface Opened {
  repository: Repository
  close(): void
}

export function openDestination(destination: Destination, deps: OpenDeps): Opened {
  const { name, to } = destination
  const { run, state, backups } = deps.dirs
  if (isFolder(to) && !existsSync(to))
    // an unmounted disk leaves its place empty, and the copy would fill the disk it is to protect from
    throw new SummonerError('destination.absent', `${name}: there is no folder ${to}.`)
  const dir = join(run, 'destinations', name)
  rmSync(dir, { recursive: true, force: true })
  const { address, env, options } = reachOf(destination, {
    secret: deps.secret,
    ssh: sshFiles(destination, { dir, state, secret: deps.secret }),
  })
  return {
    repository: createRepository({
      exec: deps.exec,
      location: to,
      address,
      env,
      options,
      passwordFile: deps.passwordFile,
      cacheDir: join(backups, 'cache'),
      ...(deps.box ? { box: deps.box.id } : {}),
    }),
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function sshFiles(
  { to, key, host_key: hostKey }: Destination,
  { dir, state, secret }: { dir: string; state: string; secret(name: string): string },
) {
  const known = join(state, 'known-hosts')
  const place = sftpPlace(to)
  if (!place) return { knownHosts: known }
  if (key ?? hostKey) {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    chmodSync(dir, 0o700)
  }
  const write = (file: string, text: string) => {
    writeFileAtomic(join(dir, file), `${text.trim()}\n`, { mode: 0o600 })
    return join(dir, file)
  }
  const host = place.port === undefined || place.port === 22 ? place.host : `[${place.host}]:${place.port}`
  return {
    knownHosts: hostKey === undefined ? known : write('known-hosts', `${host} ${hostKey}`),
    ...(key === undefined ? {} : { key: write('key', secret(key.secret)) }),
  }
}
