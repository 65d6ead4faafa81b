/** Volumes of a service: every named, anonymous or placeholder volume becomes a folder of the minion. */
import { posix } from 'node:path'
import { isGranted } from '../grants.ts'
import { pathPower } from '../host-path.ts'
import { listOf, recordOf, textOf } from '../plain.ts'
import { at, slug, type Draft, type DraftService } from './draft.ts'
import { isPlaceholder } from './image.ts'
import { dataPathOf, manage, missingData, moved } from './folders.ts'
import { mountOf, type Mount } from './mount.ts'
import { filesBelow, inside, take } from './paths.ts'
import type { SourcePlace } from './source.ts'

const CLOCK = /^\/etc\/(localtime|timezone)$/

export function readMounts(draft: Draft, service: DraftService, grants: readonly string[]): void {
  const volumes: string[] = []
  const tmpfs: string[] = []
  const targets = new Set<string>()
  for (const [index, entry] of listOf(service.raw['volumes']).entries()) {
    const where = draft.source.at(at(service, 'volumes', index))
    const mount = mountOf(entry)
    if (!mount.target.startsWith('/') || mount.target.includes('$') || /[:\n]/.test(mount.target)) {
      refuse(
        draft,
        where,
        `“${mount.text}” has no absolute path inside the container`,
        'Write folder:/path/in/container.',
      )
      continue
    }
    mount.target = moved(draft, service, mount, where)
    if (targets.has(mount.target)) continue
    targets.add(mount.target)
    if (mount.kind === 'tmpfs') tmpfs.push(mount.target)
    else if (mount.kind === 'other')
      refuse(draft, where, `“${mount.text}” is a kind of mount that is not known here`, 'Use a volume.')
    else {
      const text = place(draft, service, mount, where, grants)
      if (text !== undefined) volumes.push(text)
    }
  }
  for (const target of missingData(service, [...targets, ...tmpfs])) {
    const folder = manage(draft, service, slug(posix.basename(target)), target)
    volumes.push(`${folder}:${target}`)
    draft.findings.change(
      at(service, service.image ? 'image' : 'build'),
      `${target} is kept in ${folder}`,
      'The image keeps data there; without a folder it would be lost with the container.',
    )
  }
  if (volumes.length > 0) service.out['volumes'] = volumes
  if (tmpfs.length > 0) service.out['tmpfs'] = [...listOf(service.raw['tmpfs']), ...tmpfs]
}

function place(
  draft: Draft,
  service: DraftService,
  mount: Mount,
  where: SourcePlace,
  grants: readonly string[],
): string | undefined {
  const { findings } = draft
  const mode = mount.readOnly ? ':ro' : ''
  const volumes = recordOf(draft.source.value['volumes'])
  const named = Object.hasOwn(volumes, mount.source) ? recordOf(volumes[mount.source]) : {}
  if (mount.kind === 'volume') {
    const device = bindDevice(draft, mount.source, named)
    if (device === null) return undefined
    if (device !== undefined)
      return place(draft, service, { ...mount, kind: 'bind', source: device }, where, grants)
    const name = mount.source === '' ? posix.basename(mount.target) : mount.source
    const folder = manage(draft, service, slug(name), mount.target, mount.source)
    findings.change(
      where,
      `The volume ${mount.source || mount.target} becomes the folder ${folder}`,
      'Folders are backed up and moved with the minion. A folder starts empty: what the image or an old volume holds at that place is not copied.',
    )
    return `${folder}:${mount.target}${mode}`
  }
  const filled = mount.source.replace(/^\$(\{PWD\}|PWD\b|\(pwd\))/, '.')
  const ours = /^\$\{?(VOLUME|DATABASE)_STORAGE_ROOT\}?(\/|$)/.test(filled)
  const source = ours || !filled.includes('$') ? filled : draft.inputs.evaluate(filled)
  if (source === undefined || ours || isPlaceholder(source)) {
    const named = posix.basename(filled).replaceAll(/[$<{].*$/g, '')
    const folder = manage(draft, service, slug(named || posix.basename(mount.target)), mount.target)
    if (!filled.startsWith(`${folder.split('/').slice(0, 2).join('/')}/`) || filled !== folder) {
      findings.change(
        where,
        `${mount.source} becomes the folder ${folder}`,
        'A minion’s folders are named after the minion.',
      )
    }
    return `${folder}:${mount.target}${mode}`
  }
  if (CLOCK.test(source)) {
    findings.change(
      where,
      `${source} is left out`,
      'Set the input TZ instead; it needs no file of this server.',
    )
    return undefined
  }
  const path = /^\.\.?(\/|$)/.test(source) ? inside(draft.base, source) : undefined
  if (path !== undefined) return placeInside(draft, service, mount, path, where)
  const power = pathPower(source, mount.readOnly) ?? `path:${source}`
  if (isGranted(power, grants)) return `${source}:${mount.target}${mode}`
  findings.refuse(where, {
    what: `“${mount.text}” hands over ${source} of this server`,
    why: /docker\.sock/.test(power)
      ? 'Whoever talks to the engine owns the server.'
      : 'The folder does not belong to the minion.',
    advice: `Use a volume (data:${mount.target}), put the files into the folder that you import, or grant ${power} if you mean it.`,
    grant: power,
  })
  return undefined
}

/** A path of the import: files that came along stay files, anything else is data. */
function placeInside(
  draft: Draft,
  service: DraftService,
  mount: Mount,
  path: string,
  where: SourcePlace,
): string | undefined {
  const { findings } = draft
  const database = dataPathOf(service, mount.target) !== undefined && service.known?.engine !== undefined
  const files = filesBelow(draft.files, path)
  if (database || files.length === 0) {
    const folder = manage(
      draft,
      service,
      slug(posix.basename(path === '.' ? mount.target : path)),
      mount.target,
    )
    findings.change(
      where,
      `${mount.source} becomes the folder ${folder}`,
      'It holds data. Copy what it has today there before the first start.',
    )
    return `${folder}:${mount.target}${mount.readOnly ? ':ro' : ''}`
  }
  if (path === '.' && service.raw['build'] !== undefined) {
    findings.change(
      where,
      `“${mount.text}” is left out`,
      'The image is built from these files and contains them.',
    )
    return undefined
  }
  if (!mount.readOnly) {
    findings.change(
      where,
      `${mount.source} is mounted read-only`,
      'Files of a template are the same for every minion; data goes to volumes.',
    )
  }
  take(draft, path, 'files')
  return `./files${path === '.' ? '' : `/${path}`}:${mount.target}:ro`
}

/** `undefined`: a plain volume; `null`: refused. */
function bindDevice(
  draft: Draft,
  name: string,
  definition: Record<string, unknown>,
): string | undefined | null {
  const options = recordOf(definition['driver_opts'])
  const driver = textOf(definition['driver'] ?? 'local')
  if (driver === 'local' && options['device'] === undefined) return undefined
  const flags = textOf(options['o']).split(',')
  if (driver === 'local' && flags.some((flag) => flag === 'bind' || flag === 'rbind'))
    return textOf(options['device'])
  refuse(
    draft,
    draft.source.at(['volumes', name]),
    `The volume ${name} needs ${driver === 'local' ? `a ${textOf(options['type'])} mount` : `the driver ${driver}`}`,
    'Mount it on the server and use a plain volume here.',
  )
  return null
}

function refuse(draft: Draft, where: SourcePlace, what: string, advice: string): void {
  draft.findings.refuse(where, { what, why: 'It cannot be kept in a folder of the minion.', advice })
}
