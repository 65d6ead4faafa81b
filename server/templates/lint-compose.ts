/** The rules of a good template, asked of any compose file: what people bring has no minion.yml beside it. */
import { composeShape } from './cross-check.ts'
import { placeOf, readDocument, type KeyPath } from './document.ts'
import { hostPowers } from './grants.ts'
import { compareFindings, type LintFinding } from './lint.ts'
import { lintService, type Say } from './lint-service.ts'
import { oneshotsOf } from './networks.ts'
import { listOf, recordOf, textOf } from './plain.ts'
import type { ComposeFile, Template, TemplateDescription } from './template.ts'
import { interpolate, variablesIn } from './variables.ts'

/** `known`: variables that a `.env` beside the file sets. */
export function lintCompose(
  text: string,
  path: string,
  known: Readonly<Record<string, string>> = {},
): LintFinding[] {
  const { source, value, findings: unreadable } = readDocument(text, path)
  const broken = unreadable.length > 0 ? unreadable : composeShape(value, source)
  if (broken.length > 0) {
    return broken.map(({ detail, line, column }) => ({
      path,
      line: line ?? 1,
      column: column ?? 1,
      rule: 'format',
      severity: 'error' as const,
      message: detail,
      advice: 'Correct the place shown.',
    }))
  }
  const compose = value as ComposeFile
  const findings: LintFinding[] = []
  const say: Say = (rule, severity, keys, message, advice) => {
    const of = typeof keys?.at(-1) === 'number' ? 'value' : 'key'
    const place = keys ? placeOf(source, keys, of) : {}
    findings.push({
      path,
      line: place.line ?? 1,
      column: place.column ?? 1,
      rule,
      severity,
      message,
      advice,
    })
  }
  const template = templateOf(compose)
  const context = { template, say, oneshots: oneshotsOf(template) }
  for (const key of ['version', 'name']) {
    if (compose[key] !== undefined)
      say('obsolete-key', 'warning', [key], `"${key}" is obsolete or decided by the minion.`, 'Take it out.')
  }
  for (const { name, optional, keys } of variablesIn(compose)) {
    if (optional || Object.hasOwn(known, name)) continue
    say('unset-variable', 'error', keys, `Nothing sets "${name}".`, 'Set it in .env, or give it a default.')
  }
  for (const { what, key } of hostPowers({ ...compose, volumes: {} }, source)) {
    say('host-power', 'error', keysOf(key), `This asks for "${what}".`, 'Do without it.')
  }
  for (const [name, service] of Object.entries(compose.services)) {
    lintService(name, service, context)
    lintImage(name, textOf(service.image), known, say)
    lintDependencies(name, compose, say)
  }
  return findings.toSorted(compareFindings)
}

const keysOf = (key: string): KeyPath =>
  key.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))

function lintImage(name: string, image: string, known: Readonly<Record<string, string>>, say: Say): void {
  if (image === '' || image.includes('@sha256:')) return
  const filled = interpolate(image, known)
  const tag = /:([^/:]+)$/.exec(filled)?.[1] ?? ''
  if (/\d+\.\d+|\d{6,}|\d{4}-\d{2}-\d{2}|[0-9a-f]{12,}/.test(tag)) return
  // a tag that a variable will carry is not known here
  if (tag === '' && /:\$\{?[A-Za-z_]/.test(image)) return
  const what = tag === '' ? 'has no tag' : `is tagged "${tag}", which moves with every release`
  say('floating-tag', 'error', ['services', name, 'image'], `"${image}" ${what}.`, 'Pin a full version.')
}

/** Compose refuses a name that is not there; a condition that can never hold it does not see. */
function lintDependencies(name: string, { services }: ComposeFile, say: Say): void {
  const given = services[name]?.['depends_on']
  const wanted = Array.isArray(given)
    ? given.map((it) => [textOf(it), {}] as const)
    : Object.entries(recordOf(given))
  for (const [index, [other, options]] of wanted.entries()) {
    const at = ['services', name, 'depends_on', Array.isArray(given) ? index : other]
    const service = services[other]
    if (!service) {
      say(
        'unknown-service',
        'error',
        at,
        `There is no service "${other}".`,
        'Name one of the file, or take it out.',
      )
    } else if (
      recordOf(options)['condition'] === 'service_healthy' &&
      (service.healthcheck === undefined || recordOf(service.healthcheck)['disable'] === true)
    ) {
      say('never-healthy', 'error', at, `"${other}" has no health check to wait for.`, 'Give it one.')
    }
  }
}

/** What can be said of a file without a description: published ports face the web, images are what they are called. */
function templateOf(compose: ComposeFile): Template {
  const services = Object.entries(compose.services)
  const facing = services.filter(
    ([, service]) =>
      listOf(service.ports).length > 0 ||
      Object.keys(recordOf(service.environment)).includes('VIRTUAL_HOST') ||
      listOf(service.environment).some((line) => textOf(line).startsWith('VIRTUAL_HOST=')),
  )
  const description: TemplateDescription = {
    name: 'compose',
    summary: { en: '', fr: '' },
    category: '',
    revision: 1,
    images: {},
    web: facing.map(([service]) => ({ service, port: 80 })),
    resources: { memory: 0, disk: 0 },
  }
  return {
    name: 'compose',
    dir: '',
    description,
    compose,
    composeText: '',
    hash: '',
    consumed: '',
    builds: {},
  }
}
