/** What the schema cannot say: the two files of a template must speak of the same services, images and variables. */
import { didYouMean } from '../config/suggest.ts'
import { placeOf, type Finding, type KeyPath, type Source } from './document.ts'
import { keyProblem, knownKeys } from './env.ts'
import { inputProblem, isPattern } from './inputs.ts'
import { recordOf, textOf } from './plain.ts'
import { saysShared, sharingProblem } from './shared-database.ts'
import type { ComposeFile, TemplateDescription } from './template.ts'
import { interpolate, variablesIn } from './variables.ts'

export interface Checked {
  name: string
  description: TemplateDescription
  compose: ComposeFile
  minionSource: Source
  composeSource: Source
}

export function crossCheck(checked: Checked): Finding[] {
  return [
    ...nameFindings(checked),
    ...serviceFindings(checked),
    ...imageFindings(checked),
    ...inputFindings(checked),
    ...variableFindings(checked),
    ...labelFindings(checked),
    ...sharedFindings(checked),
  ]
}

/** Before anything reads `services`: a map of maps, as compose wants it. */
export function composeShape(value: unknown, source: Source): Finding[] {
  const services = Object.entries(recordOf(recordOf(value)['services']))
  if (services.length === 0) {
    return [{ detail: 'compose.yml has no services.', ...placeOf(source, ['services']) }]
  }
  return services
    .filter(
      ([name, service]) => Object.keys(recordOf(service)).length === 0 || !/^[a-zA-Z0-9._-]+$/.test(name),
    )
    .map(([name]) => ({
      detail: `services.${name.slice(0, 60)}: is not a service.`,
      ...placeOf(source, ['services', name], 'key'),
    }))
}

function nameFindings({ name, description, minionSource }: Checked): Finding[] {
  if (description.name === name) return []
  const detail = `name: the folder is called "${name}", so this must be "${name}".`
  return [{ detail, ...placeOf(minionSource, ['name']) }]
}

/** Every place of minion.yml that names a service. */
function serviceFindings({ description, compose, minionSource }: Checked): Finding[] {
  const named: [service: string, keys: KeyPath][] = []
  const list = (entries: readonly { service: string }[] | undefined, ...at: string[]) => {
    for (const [index, { service }] of (entries ?? []).entries())
      named.push([service, [...at, index, 'service']])
  }
  for (const service of Object.keys(description.images)) named.push([service, ['images', service]])
  for (const service of Object.keys(description.resources.services ?? {})) {
    named.push([service, ['resources', 'services', service]])
  }
  list(description.web, 'web')
  for (const [index, web] of (description.web ?? []).entries()) list(web.paths, 'web', String(index), 'paths')
  list(description.data, 'data')
  list(description.dumps, 'dumps')
  list(description.backup?.before, 'backup', 'before')
  list(description.backup?.after, 'backup', 'after')
  list(description.rename?.before, 'rename', 'before')
  list(description.rename?.after, 'rename', 'after')
  if (description.admin?.create)
    named.push([description.admin.create.service, ['admin', 'create', 'service']])
  for (const [index, service] of (description.health?.oneshot ?? []).entries()) {
    named.push([service, ['health', 'oneshot', index]])
  }
  for (const [index, service] of (description.security?.new_privileges ?? []).entries()) {
    named.push([service, ['security', 'new_privileges', index]])
  }
  const services = Object.keys(compose.services)
  return named
    .filter(([service]) => !services.includes(service))
    .map(([service, keys]) => ({
      detail: `${keys.join('.')}: compose.yml has no service "${service}"${didYouMean(service, services) || '.'}`,
      ...placeOf(minionSource, keys, keys.at(-1) === service ? 'key' : 'value'),
    }))
}

function imageFindings({ description, compose, minionSource, composeSource }: Checked): Finding[] {
  const findings: Finding[] = []
  for (const [service, { tag, pattern }] of Object.entries(description.images)) {
    const at = (key: string) => placeOf(minionSource, ['images', service, key])
    if (!isPattern(pattern))
      findings.push({ detail: `images.${service}.pattern: is not a regular expression.`, ...at('pattern') })
    else if (!new RegExp(pattern).test(tag)) {
      findings.push({
        detail: `images.${service}.tag: "${tag}" does not match the pattern ${pattern}.`,
        ...at('tag'),
      })
    }
    if (/^(latest|stable|edge|nightly|main|master)$/.test(tag)) {
      findings.push({ detail: `images.${service}.tag: "${tag}" moves; pin an exact version.`, ...at('tag') })
    }
  }
  const tags = Object.fromEntries(
    Object.values(description.images).map(({ variable, tag }) => [variable, tag]),
  )
  for (const [service, { image, build }] of Object.entries(compose.services)) {
    const at = placeOf(composeSource, ['services', service, 'image'])
    const known = description.images[service]
    if (!known) {
      if (build !== undefined) continue
      findings.push({
        detail: `services.${service}: minion.yml says nothing about its image under "images".`,
        ...at,
      })
    } else if (build !== undefined) {
      findings.push({
        detail: `images.${service}: compose.yml builds "${service}" from its own sources; take this entry out.`,
        ...placeOf(minionSource, ['images', service], 'key'),
      })
    } else if (interpolate(textOf(image), tags) !== `${known.repository}:${known.tag}`) {
      const wanted = `${known.repository}:\${${known.variable}}`
      if (!textOf(image).includes('@sha256:')) {
        findings.push({
          detail: `services.${service}.image: must be ${wanted}, as minion.yml describes it.`,
          ...at,
        })
      }
    }
  }
  return findings
}

function inputFindings({ name, description, compose, minionSource }: Checked): Finding[] {
  const findings: Finding[] = []
  const lasting = new Set(variablesIn(compose).map((variable) => variable.name))
  const once = new Set(variablesIn(description.admin?.create?.env ?? {}).map((variable) => variable.name))
  const seen = new Set<string>()
  for (const [index, input] of (description.inputs ?? []).entries()) {
    const at = (key: string) => placeOf(minionSource, ['inputs', index, key])
    const { id, pattern, default: byDefault } = input
    const problem = seen.has(id) ? `"${id}" is there twice` : keyProblem(id, name)
    if (problem) findings.push({ detail: `inputs.${index}.id: ${problem}.`, ...at('id') })
    seen.add(id)
    if (pattern !== undefined && !isPattern(pattern)) {
      findings.push({ detail: `inputs.${index}.pattern: is not a regular expression.`, ...at('pattern') })
    } else if (byDefault !== undefined && byDefault !== '' && !byDefault.includes('$')) {
      const wrong = inputProblem(input, byDefault)
      if (wrong)
        findings.push({ detail: `inputs.${index}.default: "${byDefault}" ${wrong}.`, ...at('default') })
    }
    if (input.type === 'choice' && !input.choices?.length) {
      findings.push({ detail: `inputs.${index}: a choice needs "choices".`, ...at('type') })
    }
    // else a person changes it in config.yml, and nothing happens
    if (once.has(id) && !lasting.has(id) && !input.immutable) {
      const detail = `inputs.${index}: only admin.create uses "${id}", once; it needs "immutable: true".`
      findings.push({ detail, ...at('id') })
    }
  }
  for (const [service, { variable }] of Object.entries(description.images)) {
    const problem = seen.has(variable) ? `"${variable}" is an input too` : keyProblem(variable, name)
    if (!problem) continue
    const at = placeOf(minionSource, ['images', service, 'variable'])
    findings.push({ detail: `images.${service}.variable: ${problem}.`, ...at })
  }
  return findings
}

/** Variables without default must come from somewhere, on both sides. */
function variableFindings({ name, description, compose, minionSource, composeSource }: Checked): Finding[] {
  const known = knownKeys({ name, description })
  const findings: Finding[] = []
  for (const { name: variable, optional, keys } of variablesIn(compose)) {
    if (optional || known.has(variable)) continue
    const detail = `${keys.join('.')}: nothing gives "${variable}" a value${didYouMean(variable, known) || '.'}`
    findings.push({ detail, ...placeOf(composeSource, keys) })
  }
  const described: [value: string, keys: KeyPath][] = [
    ...(description.data ?? []).map((it, index): [string, KeyPath] => [it.path, ['data', index, 'path']]),
    ...(description.inputs ?? []).map((it, index): [string, KeyPath] => [
      it.default ?? '',
      ['inputs', index, 'default'],
    ]),
    ...(description.dumps ?? []).map((it, index): [string, KeyPath] => [
      it.database,
      ['dumps', index, 'database'],
    ]),
    ...(description.dumps ?? []).map((it, index): [string, KeyPath] => [
      it.user ?? '',
      ['dumps', index, 'user'],
    ]),
    [description.admin?.user ?? '', ['admin', 'user']],
  ]
  for (const [value, keys] of described) {
    for (const { name: variable } of variablesIn(value)) {
      if (known.has(variable)) continue
      const detail = `${keys.join('.')}: nothing gives "${variable}" a value${didYouMean(variable, known) || '.'}`
      findings.push({ detail, ...placeOf(minionSource, keys) })
    }
  }
  const inputs = new Set((description.inputs ?? []).map(({ id }) => id))
  const secrets: [key: string, keys: KeyPath][] = (description.dumps ?? []).flatMap((dump, index) =>
    dump.password_env === undefined ? [] : [[dump.password_env, ['dumps', index, 'password_env']]],
  )
  if (description.admin) secrets.push([description.admin.password_env, ['admin', 'password_env']])
  for (const [key, keys] of secrets) {
    if (inputs.has(key)) continue
    const detail = `${keys.join('.')}: no input is called "${key}"${didYouMean(key, inputs) || '.'}`
    findings.push({ detail, ...placeOf(minionSource, keys) })
  }
  return findings
}

/** Whoever names the variables of a shared database means that it can be shared. */
function sharedFindings({ description, compose, minionSource }: Checked): Finding[] {
  return (description.dumps ?? []).flatMap((dump, index) => {
    const problem = saysShared(dump) ? sharingProblem(dump, { description, compose }) : undefined
    if (problem === undefined) return []
    const keys: KeyPath = ['dumps', index, 'database']
    return [{ detail: `dumps.${index}: it cannot be shared: ${problem}.`, ...placeOf(minionSource, keys) }]
  })
}

/** Our labels say whose a container is: a template that sets them could pose as somebody else's. */
function labelFindings({ compose, composeSource }: Checked): Finding[] {
  return Object.entries(compose.services).flatMap(([service, { labels }]) => {
    const keys = Array.isArray(labels) ? labels.map(textOf) : Object.keys(recordOf(labels))
    if (!keys.some((key) => key.startsWith('io.summoner.') || key.includes('$'))) return []
    const detail = `services.${service}.labels: labels that begin with "io.summoner." are Summoner's own.`
    return [{ detail, ...placeOf(composeSource, ['services', service, 'labels'], 'key') }]
  })
}
