/** `render`: everything one minion consists of, computed before anything touches the host. Pure. */
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { hostOf, labelsProblem } from '../config/host-name.ts'
import { SummonerError } from '../errors.ts'
import { grantsOf } from './built-in.ts'
import { readDocument } from './document.ts'
import { writeDotenv } from './dotenv.ts'
import { environmentOf } from './env.ts'
import { hostPowers, isGranted } from './grants.ts'
import { bindSource, pathPower } from './host-path.ts'
import { containerNames } from './names.ts'
import { layoutOf, oneshotsOf, replicasOf, webServices, type Layout } from './networks.ts'
import { overrideOf, writeOverride, type Override } from './override.ts'
import { listOf, recordOf } from './plain.ts'
import type { Render, Rendered, RenderedService, RenderedWeb, RenderInput } from './rendered.ts'
import { sharedDatabaseOf, sharingOf, withoutDatabase } from './shared-database.ts'
import { interpolate, variablesIn } from './variables.ts'

export const render: Render = (given) => {
  const { application, instance, box } = given
  const shared = application.database === 'shared'
  const sharing = shared ? sharingOf(given.template, instance.images) : undefined
  const template = sharing ? withoutDatabase(given.template, sharing.service) : given.template
  const input = { ...given, template }
  const { description, compose } = template
  refusePowers(given)
  const host = hostOf(application.subdomain, box.domain)
  const hosts = [
    host,
    ...(description.web ?? []).flatMap((web) => (web.subdomain ? [`${web.subdomain}.${host}`] : [])),
  ]
  for (const name of hosts) {
    const problem = labelsProblem(name)
    if (problem) throw new SummonerError('host.invalid', `"${name.slice(0, 260)}": ${problem}.`)
  }
  const project = `${box.projectPrefix}${application.name}`
  const url = urlOf(host, box)
  // of the whole template: the proof of a backup runs the database that is left out here
  const { env, secrets } = environmentOf(given, host, url, project)
  const database = sharing && sharedDatabaseOf(given, sharing, env)
  if (database) env['DATABASE_SERVER'] = database.server
  const layout = layoutOf(template, instance.subnets)
  refuseReplicatedWeb(input, env)
  const names = containerNames(template, application.name, box.domain, instance.images, env)
  const oneshots = oneshotsOf(template)
  const images = imagesOf(input, env)
  const builds = Object.fromEntries(
    images.filter((image) => image.build).map(({ service, reference }) => [service, reference]),
  )
  const override = overrideOf({
    input,
    env,
    layout,
    containerNames: names,
    builds,
    oneshots,
    hosts: template.description.webhooks?.public ? hosts : [...hosts, `hooks.${box.domain}`],
    ...(sharing ? { left: { service: sharing.service, from: given.template.compose } } : {}),
  })
  const hash = hashOf(input, override, env)
  const references = new Map(images.map(({ service, reference }) => [service, reference]))
  const services = Object.entries(compose.services).map(([service, definition]): RenderedService => {
    const address =
      Object.values(layout.fixed[service] ?? {}).length > 0 ? layout.upstream[service] : undefined
    return {
      service,
      containerName: names[service] ?? `${project}-${service}-1`,
      image: references.get(service) ?? interpolate(definition.image ?? `${project}-${service}`, env),
      oneshot: oneshots.includes(service),
      hasHealthcheck: hasHealthcheck(definition.healthcheck),
      ...(address === undefined ? {} : { address }),
    }
  })
  return {
    minion: application.name,
    project,
    host,
    url,
    override: writeOverride(override, hash),
    dotenv: writeDotenv(env, 'Written by Summoner. Secrets in here are kept over every apply.'),
    env,
    secrets,
    services,
    web: webOf(input, host, layout),
    folders: foldersOf(input, env),
    images,
    hash,
    ...adminOf(input, env, url),
    ...(database ? { database } : {}),
  }
}

/** `disable: true` and `["NONE"]` switch off even the check of the image. */
function hasHealthcheck(healthcheck: unknown): boolean {
  const { test, disable } = recordOf(healthcheck)
  return healthcheck !== undefined && disable !== true && listOf(test)[0] !== 'NONE'
}

function refusePowers({ template, application }: RenderInput): void {
  const grants = grantsOf(template.name, template.description.grants ?? [], application.grants)
  if (hostPowers(template.compose).every(({ what }) => isGranted(what, grants))) return
  const path = `minions/${template.name}/compose.yml`
  const { source } = readDocument(template.composeText, path)
  const refused = hostPowers(template.compose, source).filter(({ what }) => !isGranted(what, grants))
  const reasons = new Map((template.description.grants ?? []).map(({ what, why }) => [what, why.en]))
  const errors = refused.map(({ what, key, line, column }) => ({
    detail: [`${key} asks for "${what}".`, reasons.get(what) ?? ''].join(' ').trim(),
    hint: `Allow it for this minion with \`grants: ["${what}"]\` in config.yml, or take it out of the template.`,
    path,
    line,
    column,
  }))
  const list = refused.map(({ what }) => `"${what}"`).join(', ')
  throw new SummonerError('template.refused', `The template "${template.name}" asks for ${list}.`, {
    at: { path, line: refused[0]?.line ?? 1, column: refused[0]?.column ?? 1 },
    errors,
  })
}

function refuseReplicatedWeb({ template }: RenderInput, env: Record<string, string>): void {
  for (const service of webServices(template)) {
    if (replicasOf(template.compose.services[service] ?? {}, env) <= 1) continue
    throw new SummonerError(
      'render.failed',
      `"${service}" faces the web at one fixed address, so it cannot have several replicas.`,
    )
  }
}

function urlOf(host: string, { scheme, httpPort, httpsPort }: RenderInput['box']): string {
  const port = scheme === 'http' ? httpPort : httpsPort
  return `${scheme}://${host}${port === (scheme === 'http' ? 80 : 443) ? '' : `:${port}`}`
}

/** Services that compose builds itself are not here: `images/` has nothing to provide for them. */
function imagesOf({ template, instance }: RenderInput, env: Record<string, string>): Rendered['images'] {
  const images: Rendered['images'] = []
  for (const [service, definition] of Object.entries(template.compose.services)) {
    const distro = instance.images === 'distro' ? template.description.images[service]?.distro : undefined
    if (distro) {
      const tag = `${distro.version}-${template.builds[service] ?? '0'.repeat(12)}`
      const reference = `summoner/${template.name}-${service.toLowerCase()}:${tag}`
      images.push({ service, reference, build: { context: distro.context, version: distro.version } })
    } else if (definition.image !== undefined && definition.build === undefined) {
      images.push({ service, reference: interpolate(definition.image, env) })
    }
  }
  return images
}

function webOf({ template }: RenderInput, host: string, layout: Layout): RenderedWeb[] {
  const upstream = (service: string, port: number) => {
    const address = layout.upstream[service]
    if (address) return `${address}:${port}`
    throw new SummonerError('render.failed', `"${service}" has no address that the proxy could reach.`)
  }
  return (template.description.web ?? []).map((web) => ({
    service: web.service,
    port: web.port,
    host: web.subdomain ? `${web.subdomain}.${host}` : host,
    upstream: upstream(web.service, web.port),
    options: web,
    paths: (web.paths ?? []).map(({ path, service, port }) => ({ path, upstream: upstream(service, port) })),
  }))
}

/** Declared data first; other binds of the minion's own folders exist too, as compose would make them. */
function foldersOf(
  { template, application, box }: RenderInput,
  env: Record<string, string>,
): Rendered['folders'] {
  const folders = new Map<string, Rendered['folders'][number]>()
  const grants = grantsOf(template.name, template.description.grants ?? [], application.grants)
  const roots = [box.vsroot, box.dbsroot].map((root) => posix.join(root, application.name))
  const inside = (path: string) => roots.some((root) => path === root || path.startsWith(`${root}/`))
  for (const { path, owner, mode } of template.description.data ?? []) {
    const folder = posix.normalize(interpolate(path, env)).replace(/(.)\/$/, '$1')
    const granted = isGranted(pathPower(path, false) ?? '', grants)
    if (!folder.startsWith('/') || (!inside(folder) && !granted)) {
      throw new SummonerError(
        'template.refused',
        `The data path "${path}" lies outside the minion's folders.`,
      )
    }
    folders.set(folder, { path: folder, ...(owner ? { owner } : {}), ...(mode ? { mode } : {}) })
  }
  for (const service of Object.values(template.compose.services)) {
    for (const volume of listOf(service['volumes'])) {
      const bind = bindSource(volume)
      if (!bind || bind.source.startsWith('.')) continue
      const folder = posix.normalize(interpolate(bind.source, env)).replace(/(.)\/$/, '$1')
      if (inside(folder) && !folders.has(folder)) folders.set(folder, { path: folder })
    }
  }
  return [...folders.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function adminOf(
  { template }: RenderInput,
  env: Record<string, string>,
  url: string,
): Pick<Rendered, 'admin'> {
  const { admin } = template.description
  if (!admin) return {}
  const user = interpolate(admin.user, env)
  return { admin: { user, passwordEnv: admin.password_env, url: `${url}${admin.path}` } }
}

/**
 * Over what compose consumes: the template's files, the override and the variables that the file names. Our own labels
 * are left out, so that a change of theirs alone recreates nothing.
 */
function hashOf({ template }: RenderInput, override: Override, env: Record<string, string>): string {
  const withoutLabels = structuredClone(override)
  for (const section of [withoutLabels.services, withoutLabels.networks, withoutLabels.volumes]) {
    for (const entry of Object.values(section ?? {})) {
      delete entry['labels']
      delete entry['build']
    }
  }
  const used = new Set(variablesIn(template.compose).map(({ name }) => name))
  const values = Object.entries(env)
    .filter(([key]) => used.has(key))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([template.consumed, withoutLabels, values]))
    .digest('hex')
}
