/** Top level of the file: networks, secrets and configs that stay, everything else explained. */
import { recordOf, textOf } from '../plain.ts'
import type { Draft } from './draft.ts'
import { inside, take } from './paths.ts'

export function readSections(draft: Draft): void {
  const { source, findings } = draft
  for (const key of Object.keys(source.value)) {
    if (key.startsWith('x-') || ['services', 'volumes', 'networks', 'secrets', 'configs'].includes(key))
      continue
    if (key === 'version') findings.change([key], 'version is left out', 'Compose ignores it since 2020.')
    else if (key === 'name')
      findings.change([key], 'name is left out', 'Each minion has its own project name.')
    else {
      findings.refuse([key], {
        what: `${key} is not supported at the top of the file`,
        why:
          key === 'include'
            ? 'It reads further files of this server.'
            : 'What it would do here is not known.',
        advice:
          key === 'include' ? 'Import what `docker compose config --no-interpolate` prints.' : 'Remove it.',
      })
    }
  }
  readNetworks(draft)
  for (const kind of ['secrets', 'configs'] as const) readFiles(draft, kind)
}

function readNetworks(draft: Draft): void {
  const networks: Record<string, unknown> = {}
  for (const [name, definition] of Object.entries(recordOf(draft.source.value['networks']))) {
    const options = recordOf(definition)
    if (options['external'] !== undefined && options['external'] !== false) continue
    const { driver, internal } = options
    const kept = {
      ...(driver !== undefined && driver !== 'bridge' ? { driver } : {}),
      ...(internal === true ? { internal } : {}),
    }
    const dropped = Object.keys(options).filter(
      (key) => !Object.hasOwn(kept, key) && key !== 'external' && options[key] !== null,
    )
    if (dropped.length > 0) {
      draft.findings.change(
        ['networks', name],
        `${dropped.join(', ')} of the network ${name} are left out`,
        'Summoner gives every network a name and addresses of its own.',
      )
    }
    networks[name] = kept
  }
  if (Object.keys(networks).length > 0) draft.sections['networks'] = networks
}

function readFiles(draft: Draft, kind: 'secrets' | 'configs'): void {
  const kept: Record<string, unknown> = {}
  for (const [name, definition] of Object.entries(recordOf(draft.source.value[kind]))) {
    const options = recordOf(definition)
    const where = [kind, name]
    if (options['content'] !== undefined && kind === 'configs') {
      kept[name] = { content: textOf(options['content']) }
    } else if (kind === 'secrets' || options['environment'] !== undefined) {
      // The text of a secret never enters the template: each minion has its own.
      const written = options['file'] === undefined ? undefined : inside(draft.base, textOf(options['file']))
      if (options['file'] !== undefined && written === undefined) {
        refuseFile(draft, where, kind, name, textOf(options['file']))
        continue
      }
      const text = written === undefined ? undefined : draft.files[written]
      if (written !== undefined) draft.hidden.add(written)
      const id = draft.inputs.secret(textOf(options['environment'] ?? name), text?.trim(), 'app')
      kept[name] = { environment: id }
      draft.findings.change(
        where,
        `The secret ${name} becomes the input ${id}`,
        'Its file stays out of the template.',
      )
    } else {
      const path = options['file'] === undefined ? undefined : inside(draft.base, textOf(options['file']))
      if (path === undefined || path === '.' || !take(draft, path, 'files'))
        refuseFile(draft, where, kind, name, textOf(options['file'] ?? 'external'))
      else kept[name] = { file: `./files/${path}` }
    }
  }
  if (Object.keys(kept).length > 0) draft.sections[kind] = kept
}

function refuseFile(draft: Draft, where: string[], kind: string, name: string, file: string): void {
  draft.findings.refuse([...where, 'file'], {
    what: `${kind}.${name} reads ${file}, which is not in the folder`,
    why: 'A template contains everything that it needs.',
    advice: 'Put the file into the folder that you import.',
  })
}
