/** Rules of a good template, beyond what makes it valid. Each finding has a place, says what is wrong and what to do. */
import { placeOf, readDocument } from './document.ts'
import { knownKeys } from './env.ts'
import { hostPowers, isGranted } from './grants.ts'
import { bindSource } from './host-path.ts'
import { lintService, type LintContext, type Say } from './lint-service.ts'
import { oneshotsOf } from './networks.ts'
import { listOf } from './plain.ts'
import type { Template } from './template.ts'
import { variablesIn } from './variables.ts'

export interface LintFinding {
  path: string
  line: number
  column: number
  rule: string
  severity: 'error' | 'warning'
  message: string
  advice: string
}

export function lintTemplate(template: Template): LintFinding[] {
  const path = (file: string) => `minions/${template.name}/${file}`
  const { source } = readDocument(template.composeText, path('compose.yml'))
  const findings: LintFinding[] = []
  const say: Say = (rule, severity, keys, message, advice) => {
    const of = typeof keys?.at(-1) === 'number' ? 'value' : 'key'
    const place = keys ? placeOf(source, keys, of) : {}
    const file = keys ? 'compose.yml' : 'minion.yml'
    findings.push({
      path: path(file),
      line: place.line ?? 1,
      column: place.column ?? 1,
      rule,
      severity,
      message,
      advice,
    })
  }
  const context = { template, say, oneshots: oneshotsOf(template) }
  lintFile(context)
  lintDescription(context)
  lintPowers(context)
  for (const [name, service] of Object.entries(template.compose.services)) lintService(name, service, context)
  return findings.toSorted(compareFindings)
}

function lintFile({ template, say }: LintContext): void {
  for (const key of ['version', 'name']) {
    if (template.compose[key] === undefined) continue
    say(
      'obsolete-key',
      'warning',
      [key],
      `"${key}" is obsolete or decided by the minion.`,
      'Take the line out.',
    )
  }
  const known = knownKeys(template)
  for (const { name, optional, keys } of variablesIn(template.compose)) {
    if (!optional || known.has(name)) continue
    say(
      'unset-variable',
      'warning',
      keys,
      `Nothing ever sets "${name}", so its default always holds.`,
      'Declare it as an input in minion.yml, or write the value itself.',
    )
  }
  for (const name of Object.keys(template.compose.volumes ?? {})) {
    say(
      'named-volume',
      'warning',
      ['volumes', name],
      `"${name}" lies where the engine decides.`,
      'Mount ${VOLUME_STORAGE_ROOT}/${MINION}/… instead and list it under "data".',
    )
  }
}

function lintDescription({ template, say }: LintContext): void {
  const { description } = template
  const texts = [
    description.summary,
    ...(description.notes ? [description.notes] : []),
    ...(description.inputs ?? []).flatMap(({ label, help }) => (help ? [label, help] : [label])),
  ]
  for (const { en, fr } of texts) {
    const untranslated = en === fr && en.split(/\s+/).length > 3
    if (en.trim() !== '' && fr.trim() !== '' && !untranslated) continue
    say(
      'language',
      'warning',
      undefined,
      `"${(en || fr).slice(0, 60)}" is there in one language.`,
      'Write it in English and French.',
    )
  }
  for (const [service, { tag }] of Object.entries(description.images)) {
    if (/\d+\.\d+|\d{6,}|\d{4}-\d{2}-\d{2}|[0-9a-f]{12,}/.test(tag)) continue
    say(
      'floating-tag',
      'error',
      undefined,
      `images.${service}.tag: "${tag}" moves with every release.`,
      'Pin a full version.',
    )
  }
  if ((description.web ?? []).length > 0 && !description.health?.path) {
    say(
      'missing-health',
      'warning',
      undefined,
      'Nothing says how the site shows that it is ready.',
      'Give health.path and health.status.',
    )
  }
  const mounted = Object.values(template.compose.services).flatMap((service) =>
    listOf(service['volumes']).map((volume) => bindSource(volume)?.source ?? ''),
  )
  for (const { path } of description.data ?? []) {
    if (mounted.some((source) => path === source || path.startsWith(`${source}/`))) continue
    say(
      'data-path',
      'warning',
      undefined,
      `data: no service mounts "${path}".`,
      'Correct the path, or take it out.',
    )
  }
}

function lintPowers({ template, say }: LintContext): void {
  const { source } = readDocument(template.composeText, 'compose.yml')
  const asked = (template.description.grants ?? []).map(({ what }) => what)
  const powers = hostPowers(template.compose, source)
  for (const { what, key } of powers) {
    if (isGranted(what, asked)) continue
    say(
      'host-power',
      'error',
      key.split('.'),
      `This asks for "${what}".`,
      'Do without it, or say why under "grants" in minion.yml.',
    )
  }
  for (const what of asked) {
    if (powers.some((power) => isGranted(power.what, [what]))) continue
    say('unused-grant', 'warning', undefined, `grants: nothing uses "${what}".`, 'Take it out.')
  }
}

export function compareFindings(a: LintFinding, b: LintFinding): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1
  return a.line - b.line || a.column - b.column
}
