/** Folders of the minion: which there are, where they lie, whose they are. */
import { posix } from 'node:path'
import { textOf } from '../plain.ts'
import { at, type Draft, type DraftService } from './draft.ts'
import { dataPaths } from './known-images.ts'
import type { Mount } from './mount.ts'
import type { SourcePlace } from './source.ts'

/** A folder of the minion, noted as data to save. One volume shared by services is one folder. */
export function manage(
  draft: Draft,
  service: DraftService,
  name: string,
  target: string,
  shared = '',
): string {
  const database = service.known?.engine !== undefined && dataPathOf(service, target) !== undefined
  const root = database ? 'DATABASE_STORAGE_ROOT' : 'VOLUME_STORAGE_ROOT'
  const path = (candidate: string) => `\${${root}}/\${MINION}/${candidate}`
  const users = (candidate: string) => draft.data.find((entry) => entry.path === path(candidate))
  const same = shared === '' ? undefined : draft.folders.get(shared)
  if (same !== undefined) return same
  let chosen = name
  for (let number = 2; users(chosen); number += 1) chosen = `${name}-${number}`
  const folder = path(chosen)
  if (shared !== '') draft.folders.set(shared, folder)
  const owner = ownerOf(draft, service)
  draft.data.push({
    service: service.name,
    path: folder,
    kind: database ? 'database' : 'files',
    ...(owner === undefined ? {} : { owner }),
  })
  return folder
}

/** The user that writes there: a volume took its owner from the image, a folder must be told. */
function ownerOf(draft: Draft, service: DraftService): string | undefined {
  const written = textOf(service.raw['user'] ?? /^USER\s+(\S+)/im.exec(service.dockerfile ?? '')?.[1])
  const match = /^(\d+)(?::(\d+))?$/.exec(written)
  if (match) return `${match[1]}:${match[2] ?? match[1]}`
  if (service.known) return service.known.owner
  const owner = draft.findings.ask(at(service, 'volumes'), {
    id: `owner:${service.name}`,
    text: `As which user does ${service.name} run? Its folders belong to that uid:gid`,
    default: '0:0',
    check: (answer) =>
      /^\d{1,9}:\d{1,9}$/.test(answer) ? undefined : `“${answer}” is not uid:gid, such as 1000:1000.`,
  })
  return owner === '0:0' ? undefined : owner
}

/** PostgreSQL keeps its data elsewhere since release 18; and a folder mounted too high hides the application itself. */
export function moved(draft: Draft, service: DraftService, mount: Mount, where: SourcePlace): string {
  const target = posix.normalize(mount.target).replace(/(.)\/$/, '$1')
  const right = service.known ? dataPaths(service.known, service.image?.tag ?? '')[0] : undefined
  if (right === undefined || mount.kind === 'tmpfs' || target === right || target === '/') return target
  const postgres = service.known?.engine === 'postgres' && /^\/var\/lib\/postgresql(\/data)?$/.test(target)
  if (!right.startsWith(`${target}/`) && !postgres) return target
  if (service.environment['PGDATA'] !== undefined) return target
  draft.findings.change(
    where,
    `${target} is mounted at ${right}`,
    `${service.image?.repository}:${service.image?.tag} keeps its data there.`,
  )
  return right
}

export function dataPathOf(service: DraftService, target: string): string | undefined {
  const paths = service.known ? dataPaths(service.known, service.image?.tag ?? '') : []
  return paths.find(
    (path) => path === target || target.startsWith(`${path}/`) || path.startsWith(`${target}/`),
  )
}

export function missingData(service: DraftService, targets: string[]): string[] {
  const known = service.known ? dataPaths(service.known, service.image?.tag ?? '') : []
  const covered = (path: string) => targets.some((target) => path === target || path.startsWith(`${target}/`))
  const partly = targets.some((target) => known.some((path) => target.startsWith(`${path}/`)))
  const declared = [...(service.dockerfile ?? '').matchAll(/^VOLUME\s+(.+)$/gim)].flatMap(
    ([, rest = '']) => rest.match(/\/[^\s",\]]+/g) ?? [],
  )
  return [...(partly ? [] : known), ...declared].filter((path) => !covered(path) && !path.includes('$'))
}
