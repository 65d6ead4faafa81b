/** The `.env` of a minion: what the box gives, the image tags, and the inputs with their defaults and secrets. */
import { didYouMean } from '../config/suggest.ts'
import { SummonerError, type Problem } from '../errors.ts'
import { inputProblem } from './inputs.ts'
import { applicationService } from './names.ts'
import type { RenderInput } from './rendered.ts'
import type { Template, TemplateInput } from './template.ts'
import { tenantName } from './shared-database.ts'
import { interpolate } from './variables.ts'

/** What every template may use, beside its own image variables and inputs. */
const BOX_KEYS = [
  'COMPOSE_PROJECT_NAME',
  'MINION',
  'DOMAIN',
  'HOST',
  'URL',
  'VOLUME_STORAGE_ROOT',
  'DATABASE_STORAGE_ROOT',
  'LETSENCRYPT_EMAIL',
  'BOX_DATA',
  'HTTP_PORT',
  'HTTPS_PORT',
  'DATABASE_NAME',
  'DATABASE_USER',
  'DATABASE_SERVER',
] as const

/** Names that would steer compose, the engine's client or a shell instead of the application. */
const STEERING =
  /^(COMPOSE_.*|DOCKER_.*|BUILDKIT_.*|PATH|HOME|USER|SHELL|IFS|LANG|LC_.*|LD_.*|(HTTPS?|NO|ALL)_PROXY)$/

export function subdomainKey(template: string): string {
  return `${template.toUpperCase().replaceAll('-', '_')}_SUBDOMAIN`
}

/** Every variable that a compose file of this template may name. */
export function knownKeys({ name, description }: Pick<Template, 'name' | 'description'>): Set<string> {
  return new Set([
    ...BOX_KEYS,
    subdomainKey(name),
    ...Object.values(description.images).map((image) => image.variable),
    ...(description.inputs ?? []).map((input) => input.id),
  ])
}

/** Why a template may not call an input or an image variable so; undefined when it may. */
export function keyProblem(key: string, template: string): string | undefined {
  if (STEERING.test(key)) return `"${key}" would steer compose itself`
  const given = [...BOX_KEYS, subdomainKey(template)] as string[]
  return given.includes(key) ? `"${key}" is given by the box` : undefined
}

export interface Environment {
  env: Record<string, string>
  secrets: string[]
}

/**
 * config.yml wins over what was kept; kept secrets and immutable values win over defaults, so that a database that
 * was kept still accepts its password; what is neither secret nor immutable follows the template's default.
 */
export function environmentOf(input: RenderInput, host: string, url: string, project: string): Environment {
  const { application, template, box } = input
  const { inputs = [] } = template.description
  const env: Record<string, string> = {
    COMPOSE_PROJECT_NAME: project,
    MINION: application.name,
    DOMAIN: box.domain,
    [subdomainKey(template.name)]: application.subdomain,
    HOST: host,
    URL: url,
    VOLUME_STORAGE_ROOT: box.vsroot,
    DATABASE_STORAGE_ROOT: box.dbsroot,
    LETSENCRYPT_EMAIL: box.email,
    BOX_DATA: box.dataDir,
    HTTP_PORT: String(box.httpPort),
    HTTPS_PORT: String(box.httpsPort),
    ...imageTags(input),
  }
  const given = { ...env }
  const problems: NonNullable<Problem['errors']> = []
  const settable = [...knownKeys(template)].filter((key) => keyProblem(key, template.name) === undefined)
  for (const key of Object.keys(application.env)) {
    if (!settable.includes(key)) {
      problems.push({
        detail: `The template has no setting "${key.slice(0, 60)}"${didYouMean(key, settable) || '.'}`,
      })
    }
  }
  for (const definition of inputs) {
    const value = valueOf(definition, input, given, problems)
    if (value !== undefined) env[definition.id] = value
  }
  for (const [key, value] of Object.entries(env)) {
    if (value.includes('\0')) problems.push({ detail: `"${key}" contains a NUL byte.` })
  }
  const first = problems[0]
  if (first) {
    const at = { path: `applications.${application.name}.env` }
    throw new SummonerError('render.failed', first.detail, { at, errors: problems })
  }
  // only where the database is shared: else the names that compose.yml gives beside these hold
  if (application.database === 'shared') {
    env['DATABASE_NAME'] = input.kept['DATABASE_NAME'] || tenantName(application.name)
    env['DATABASE_USER'] = env['DATABASE_NAME']
  }
  return { env, secrets: inputs.filter(isSecret).map(({ id }) => id) }
}

export function isSecret(input: TemplateInput): boolean {
  return input.secret ?? (input.type === 'password' || input.generate !== undefined)
}

function valueOf(
  definition: TemplateInput,
  { application, kept, random }: RenderInput,
  given: Record<string, string>,
  problems: { detail: string }[],
): string | undefined {
  const { id, generate, immutable } = definition
  const wanted = Object.hasOwn(application.env, id) ? application.env[id] : undefined
  const before = Object.hasOwn(kept, id) ? kept[id] : undefined
  if (immutable && wanted !== undefined && before !== undefined && before !== wanted) {
    problems.push({
      detail: `"${id}" cannot change after the first summon: it was used once, to set the application up.`,
    })
  }
  const lasting = isSecret(definition) || immutable ? before : undefined
  const byDefault = definition.default === undefined ? undefined : interpolate(definition.default, given)
  const found = wanted ?? lasting ?? byDefault
  if (found === undefined && generate)
    return `${random(generate.length, generate.alphabet ?? 'alphanumeric')}${generate.suffix ?? ''}`
  if (found === undefined || found === '') {
    if (definition.required) problems.push({ detail: `"${id}" (${definition.label.en}) needs a value.` })
    return found ?? ''
  }
  const problem = inputProblem(definition, found)
  if (problem) problems.push({ detail: `"${id}" ${problem}.` })
  return found
}

/** `version` of config.yml is the tag of the application's own image; `env` may name the others by their variable. */
function imageTags({ application, template, instance }: RenderInput): Record<string, string> {
  const main = applicationService(template)
  const tags: Record<string, string> = {}
  for (const [service, image] of Object.entries(template.description.images)) {
    const build = instance.images === 'distro' ? image.distro : undefined
    const version = service === main ? application.version : undefined
    const wanted = version ?? application.env[image.variable]
    if (wanted !== undefined && build && wanted !== build.version) {
      throw new SummonerError(
        'render.failed',
        `The distribution build of "${service}" gives version ${build.version}, not ${wanted}.`,
        { hint: 'Leave `version` out, or set `images: registry` before the first summon.' },
      )
    }
    const tag = build?.version ?? wanted ?? image.tag
    if (!build && !new RegExp(image.pattern).test(tag)) {
      throw new SummonerError(
        'render.failed',
        `"${tag.slice(0, 128)}" is not a version of "${service}" that this template knows (${image.pattern}).`,
      )
    }
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(tag)) {
      throw new SummonerError('render.failed', `"${tag.slice(0, 128)}" cannot be the tag of an image.`)
    }
    tags[image.variable] ??= tag
  }
  return tags
}
