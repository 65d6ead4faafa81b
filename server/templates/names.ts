/** Container names of a minion: `docker ps -f name=mariadb` lists the MariaDB databases (design §4). */
import { SummonerError } from '../errors.ts'
import { replicasOf } from './networks.ts'
import type { Rendered } from './rendered.ts'
import type { Template } from './template.ts'

/** service -> container name; a service with several replicas has none, compose numbers those. */
export function containerNames(
  template: Template,
  minion: string,
  domain: string,
  images: 'registry' | 'distro',
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const { compose, description } = template
  const application = applicationService(template)
  const database = (description.dumps ?? []).find(
    ({ service, engine }) => service !== application && engine !== 'sqlite',
  )
  const names: Record<string, string> = {}
  for (const [service, definition] of Object.entries(compose.services)) {
    if (replicasOf(definition, env) > 1) continue
    const engine = images === 'distro' ? description.images[service]?.distro?.engine : undefined
    const first =
      service === application
        ? minion
        : service === database?.service
          ? `${engine ?? database.engine}-${minion}`
          : `${service}-${minion}`
    names[service] = checked(`${first}-${domain}`, service)
  }
  refuseDuplicates(Object.entries(names).map(([service, name]) => ({ name, of: `service "${service}"` })))
  return names
}

/** The service people mean when they say the minion's name. */
export function applicationService({ name, compose, description }: Template): string {
  const services = Object.keys(compose.services)
  return description.web?.[0]?.service ?? services.find((service) => service === name) ?? services[0] ?? name
}

/** `db` of minion `site` and a minion called `db-site` would meet: checked over everything a box renders. */
export function refuseSharedNames(rendered: readonly Pick<Rendered, 'minion' | 'services'>[]): void {
  refuseDuplicates(
    rendered.flatMap(({ minion, services }) =>
      services.map(({ containerName }) => ({ name: containerName, of: `minion "${minion}"` })),
    ),
  )
}

function refuseDuplicates(entries: { name: string; of: string }[]): void {
  const seen = new Map<string, string>()
  for (const { name, of } of entries) {
    const other = seen.get(name)
    if (other !== undefined) {
      throw new SummonerError(
        'render.duplicate',
        `"${name}" would be the container of ${other} and of ${of}.`,
      )
    }
    seen.set(name, of)
  }
}

function checked(name: string, service: string): string {
  const label = name.split('.')[0] ?? ''
  if (!/^[a-z0-9][a-z0-9_.-]*$/i.test(name)) {
    throw new SummonerError('render.failed', `"${name}" cannot be the container name of "${service}".`)
  }
  if (label.length > 63) {
    throw new SummonerError(
      'render.failed',
      `The container of "${service}" would be called "${name}", whose first part has ${label.length} characters; 63 are possible.`,
      { hint: 'Choose a shorter minion name.' },
    )
  }
  return name
}
