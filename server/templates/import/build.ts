/** `build:`: the Dockerfile and its sources come along; a context elsewhere cannot. */
import { listOf, recordOf, textOf } from '../plain.ts'
import { at, type Draft, type DraftService } from './draft.ts'
import { filesBelow, inside, take } from './paths.ts'

const KEPT = new Set(['context', 'dockerfile', 'dockerfile_inline', 'args', 'target', 'shm_size'])
/** They change how fast an image is built or where it is sent, not what it is. */
const DROPPED = new Set([
  'cache_from',
  'cache_to',
  'labels',
  'tags',
  'pull',
  'no_cache',
  'platforms',
  'network',
  'isolation',
  'provenance',
  'sbom',
])

export function readBuild(draft: Draft, service: DraftService): void {
  const raw = service.raw['build']
  const options = typeof raw === 'string' ? { context: raw } : recordOf(raw)
  const key = (name: string) =>
    draft.source.at(typeof raw === 'string' ? at(service, 'build') : at(service, 'build', name))
  for (const name of Object.keys(options)) {
    if (KEPT.has(name)) continue
    if (DROPPED.has(name))
      draft.findings.change(
        key(name),
        `build.${name} is left out`,
        'It does not change what the image contains.',
      )
    else {
      draft.findings.refuse(key(name), {
        what: `build.${name} is not supported`,
        why: 'A build sees its own folder and nothing else of this server.',
        advice: 'Put what the build needs into its folder.',
      })
    }
  }
  const written = textOf(options['context'] ?? '.')
  const context = written.includes('$') ? draft.inputs.evaluate(written) : written
  if (context === undefined || /^([a-z+]+:\/\/|git@)|^github\.com\//i.test(context)) {
    return refuse(
      draft,
      key('context'),
      `The build context ${written} is not in this folder`,
      'Fetch it first and import that folder.',
    )
  }
  const folder = inside(draft.base, context)
  if (folder === undefined) {
    return refuse(
      draft,
      key('context'),
      `The build context ${written} lies outside the folder`,
      'Import the folder that holds both, and name the compose file with --entry.',
    )
  }
  const inline = options['dockerfile_inline']
  const name = textOf(options['dockerfile'] ?? 'Dockerfile')
  const dockerfile = inside(folder, name)
  const text = inline === undefined ? draft.files[dockerfile ?? ''] : textOf(inline)
  if (dockerfile === undefined || text === undefined) {
    const there = filesBelow(draft.files, folder).length > 0
    return refuse(
      draft,
      key(options['dockerfile'] === undefined ? 'context' : 'dockerfile'),
      there && dockerfile !== undefined
        ? `${dockerfile} is not among the files`
        : `The build context ${written} is not among the files`,
      'Import the whole folder: summoner import <folder>.',
    )
  }
  take(draft, folder, 'source')
  if (inline === undefined) draft.taken[`source/${dockerfile}`] = dockerfile
  service.dockerfile = text
  const args = recordOf(Array.isArray(options['args']) ? fromList(options['args']) : options['args'])
  service.out['build'] = {
    context: folder === '.' ? './source' : `./source/${folder}`,
    ...(inline === undefined
      ? { dockerfile: relative(folder, dockerfile) }
      : { dockerfile_inline: text.replaceAll('$', '$$$$') }),
    ...(Object.keys(args).length > 0 ? { args } : {}),
    ...(options['target'] === undefined ? {} : { target: options['target'] }),
    ...(options['shm_size'] === undefined ? {} : { shm_size: options['shm_size'] }),
  }
  if (service.raw['image'] !== undefined) {
    draft.findings.change(
      at(service, 'image'),
      `The image name ${textOf(service.raw['image'])} is left out`,
      'The image is built here.',
    )
  }
}

function relative(folder: string, dockerfile: string): string {
  if (folder === '.') return dockerfile
  return dockerfile.startsWith(`${folder}/`)
    ? dockerfile.slice(folder.length + 1)
    : `${folder
        .split('/')
        .map(() => '..')
        .join('/')}/${dockerfile}`
}

function fromList(list: unknown): Record<string, unknown> {
  return Object.fromEntries(
    listOf(list).map((item) => {
      const [key = '', ...rest] = textOf(item).split('=')
      return [key, textOf(item).includes('=') ? rest.join('=') : `\${${key}}`]
    }),
  )
}

function refuse(draft: Draft, where: { path: string }, what: string, advice: string): void {
  draft.findings.refuse(where, { what, why: 'The image could not be built on this server.', advice })
}
