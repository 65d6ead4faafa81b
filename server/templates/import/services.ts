/** The services of a compose file of any age, as drafts. */
import { recordOf } from '../plain.ts'
import type { Draft, DraftService } from './draft.ts'
import { isRecord } from './source.ts'

/** Top-level words that are never a service of a version 1 file. */
const SECTIONS = new Set([
  'version',
  'name',
  'networks',
  'volumes',
  'secrets',
  'configs',
  'include',
  'models',
])

export function readServices(draft: Draft): void {
  const { source, findings } = draft
  const old = source.value['services'] === undefined
  const raw = old ? withoutSections(source.value) : recordOf(source.value['services'])
  if (old) {
    findings.change(
      [],
      'The services move under `services:`',
      'The file is in the first version of the format.',
    )
    source.value = { ...recordOf(onlySections(source.value)), services: raw }
  }
  for (const [name, definition] of Object.entries(raw)) {
    const keys = old ? [name] : ['services', name]
    if (!isRecord(definition)) {
      findings.refuse(keys, {
        what: `${name} is not a service`,
        why: 'A service is a mapping of keys.',
        advice: 'Correct it in the file.',
      })
    } else if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/.test(name) || name in {}) {
      findings.refuse(keys, {
        what: `“${name.slice(0, 60)}” cannot name a service`,
        why: 'Names are letters, digits, hyphens and underscores, at most 40.',
        advice: 'Choose another name.',
      })
    } else if (Array.isArray(definition['profiles']) && definition['profiles'].length > 0) {
      findings.change(
        [...keys, 'profiles'],
        `${name} is left out`,
        'A service with a profile does not start by default. Remove the profile to keep it.',
      )
    } else draft.services.push(draftOf(name, definition, keys))
  }
  if (draft.services.length === 0 && findings.refusals.length === 0) {
    findings.refuse([], {
      what: 'The file has no services',
      why: 'There is nothing to run.',
      advice: 'Give a compose file.',
    })
  }
}

function draftOf(name: string, raw: Record<string, unknown>, keys: string[]): DraftService {
  return { name, raw, keys, out: {}, environment: {}, proxied: {}, ports: [], aliases: [], oneshot: false }
}

function withoutSections(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => !SECTIONS.has(key) && !key.startsWith('x-')),
  )
}

function onlySections(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => SECTIONS.has(key)))
}
