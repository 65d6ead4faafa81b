/** What people have -> a template of ours, every change explained. Pure: reads no disk, runs nothing. */
import { Errors } from 'typebox/value'
import { stringify } from 'yaml'
import { hostPowers, isGranted } from '../grants.ts'
import { TemplateSchema, type ComposeFile } from '../template.ts'
import { readBuild } from './build.ts'
import { concealCommands } from './conceal.ts'
import { describe } from './describe.ts'
import { at, type Draft, type DraftService } from './draft.ts'
import { readEntry } from './entry.ts'
import { readEnvFile } from './env-file.ts'
import { readEnvironment } from './environment.ts'
import { createFindings } from './findings.ts'
import { pinImage } from './image.ts'
import { readKeys } from './keys.ts'
import { addHealth } from './limits.ts'
import { readMounts } from './mounts.ts'
import { nameOf } from './name.ts'
import { refusedPaths } from './paths.ts'
import type { ImportInput, ImportReport } from './report.ts'
import { readSections } from './sections.ts'
import { writeAliases } from './service-networks.ts'
import { readServices } from './services.ts'
import { bare, isRecord, Unreadable, type Key, type Source } from './source.ts'
import { createInputs } from './variables.ts'
import { chooseWeb, readPorts, writeWeb, type Web } from './web.ts'

export function importFiles(given: ImportInput): ImportReport {
  const input = { ...given, files: bare(given.files), answers: bare(given.answers) }
  const refusals = refusedPaths(input.files)
  if (refusals.length > 0) return { ...emptyReport(input), refusals }
  try {
    const entry = readEntry(input)
    if ('choose' in entry) {
      const question = {
        id: 'entry',
        text: 'Which of these is the compose file?',
        options: entry.choose,
        path: '.',
      }
      return { ...emptyReport(input), questions: [question] }
    }
    return importSource(input, entry.source, entry.base)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    const refusal = {
      what: error.message,
      why: 'It cannot be read as it is.',
      advice: 'Correct the place shown.',
      ...error.place,
    }
    return { ...emptyReport(input), refusals: [refusal] }
  }
}

function importSource(input: ImportInput, source: Source, base: string): ImportReport {
  const findings = createFindings(input.answers, input.grants, source.at)
  const name = nameOf(input, source, findings)
  const dotenv = bare<string>({})
  for (const { key, value } of readEnvFile(input.files[base === '' ? '.env' : `${base}/.env`] ?? '')
    .entries) {
    dotenv[key] = value
  }
  const draft: Draft = {
    name,
    source,
    findings,
    answered: new Set(Object.keys(input.answers)),
    inputs: createInputs(dotenv, name, findings),
    files: input.files,
    distros: input.distros ?? [],
    base,
    services: [],
    hidden: new Set([source.path]),
    taken: {},
    folders: new Map(),
    data: [],
    sections: {},
  }
  mentionOverrides(draft)
  readServices(draft)
  readSections(draft)
  for (const service of draft.services) readImage(draft, service)
  // Databases first: a password that they share with an application is named after them.
  for (const service of draft.services.toSorted(
    (a, b) => Number(!a.known?.engine) - Number(!b.known?.engine),
  )) {
    readEnvironment(draft, service)
  }
  for (const service of draft.services) {
    readKeys(draft, service)
    concealCommands(draft, service)
    readPorts(draft, service)
    readMounts(draft, service, input.grants)
  }
  for (const service of draft.services) writeAliases(service)
  addHealth(draft)
  const web = chooseWeb(draft)
  rewriteVariables(draft)
  writeWeb(draft, web)
  return finish(draft, web, input.grants)
}

/** Compose would read them without being asked. */
function mentionOverrides({ files, base, findings }: Draft): void {
  for (const name of ['compose.override.yml', 'compose.override.yaml', 'docker-compose.override.yml']) {
    const path = base === '' ? name : `${base}/${name}`
    if (files[path] === undefined) continue
    findings.change(
      { path, line: 1, column: 1 },
      `${path} is left out`,
      'It serves one place only. Merge it into the compose file if it matters.',
    )
  }
}

function finish(draft: Draft, web: Web | undefined, grants: readonly string[]): ImportReport {
  const { findings } = draft
  const compose = composeOf(draft)
  const powers = hostPowers(compose)
  for (const power of powers) {
    if (isGranted(power.what, grants)) continue
    const keys = power.key.split('.')
    const service = draft.services.find(({ name }) => name === power.service)
    findings.refuse(service ? at(service, ...keys.slice(keys.indexOf(service.name) + 1).map(keyOf)) : keys, {
      what: `${power.service ?? power.key} asks for ${power.what}`,
      why: 'It is a power over this server, not only over the container.',
      advice: `Remove it if the service works without, or grant ${power.what} if you mean it.`,
      grant: power.what,
    })
  }
  const description = describe(draft, web, [...new Set(powers.map(({ what }) => what))])
  const ok =
    findings.refusals.length === 0 && findings.questions.every((question) => question.default !== undefined)
  const problem = ok ? [...Errors(TemplateSchema, description)][0] : undefined
  if (problem)
    throw new Error(
      `An imported template does not fit its own schema: ${problem.instancePath} ${problem.message}`,
    )
  return {
    name: draft.name,
    ok,
    changes: findings.changes,
    questions: findings.questions,
    refusals: findings.refusals,
    files: ok
      ? {
          ...takenFiles(draft),
          'compose.yml': `# Imported by Summoner from ${draft.source.path}\n${text(compose)}`,
          'minion.yml': text(description),
        }
      : {},
  }
}

function readImage(draft: Draft, service: DraftService): void {
  const written = service.raw['image']
  if (service.raw['build'] !== undefined && service.raw['build'] !== null) return readBuild(draft, service)
  if (typeof written !== 'string' || written.trim() === '') {
    draft.findings.refuse(service.keys, {
      what: `${service.name} has neither an image nor a build`,
      why: 'There is nothing to run.',
      advice: 'Add `image: repository:tag`.',
    })
    return
  }
  const pinned = pinImage(service.name, written, at(service, 'image'), {
    findings: draft.findings,
    inputs: draft.inputs,
    template: draft.name,
    sole: draft.services.length === 1 || service.name === draft.name,
    used: new Set(draft.services.flatMap(({ image }) => image?.variable ?? [])),
  })
  if (!pinned) return
  const { image, known } = pinned
  const distro = known?.distro
  service.image =
    distro && draft.distros.includes(distro.folder)
      ? { ...image, distro: { context: `../.distro/${distro.folder}`, version: distro.version } }
      : image
  if (known) service.known = known
}

function rewriteVariables(draft: Draft): void {
  const walk = (value: unknown, service: DraftService, keys: Key[]): unknown => {
    if (typeof value === 'string') return draft.inputs.rewrite(value, at(service, ...keys))
    if (Array.isArray(value)) return value.map((item, index) => walk(item, service, [...keys, index]))
    if (!isRecord(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, walk(item, service, [...keys, key])]),
    )
  }
  for (const service of draft.services) {
    for (const [key, value] of Object.entries(service.out)) service.out[key] = walk(value, service, [key])
  }
}

function takenFiles({ taken, hidden, files }: Draft): Record<string, string> {
  const kept = Object.entries(taken).filter(([, from]) => !hidden.has(from))
  return Object.fromEntries(kept.map(([path, from]) => [path, files[from] ?? '']))
}

function composeOf(draft: Draft): ComposeFile {
  const services = draft.services.map(
    ({ name, image, out, environment }): [string, ComposeFile['services'][string]] => [
      name,
      {
        ...(image ? { image: `${image.repository}:\${${image.variable}}` } : {}),
        ...(Object.keys(environment).length > 0 ? { environment } : {}),
        ...out,
      },
    ],
  )
  return { services: Object.fromEntries(services), ...draft.sections }
}

function emptyReport(input: ImportInput): ImportReport {
  return { name: input.name ?? '', ok: false, changes: [], questions: [], refusals: [], files: {} }
}

function keyOf(key: string): Key {
  return /^\d+$/.test(key) ? Number(key) : key
}

function text(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}
