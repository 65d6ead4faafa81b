/** Memory and health where the file says nothing of them. */
import { recordOf, textOf } from '../plain.ts'
import type { TemplateDescription } from '../template.ts'
import { at, type Draft, type DraftService } from './draft.ts'
import type { Web } from './web.ts'

const DEFAULT_MEMORY = 512
const UNIT: Record<string, number> = { '': 1 / 1048576, b: 1 / 1048576, k: 1 / 1024, m: 1, g: 1024 }

export function resourcesOf(draft: Draft): TemplateDescription['resources'] {
  const services: Record<string, { memory: number }> = {}
  for (const service of draft.services) {
    const limits = recordOf(recordOf(recordOf(service.out['deploy'])['resources'])['limits'])
    const own = mebibytes(textOf(limits['memory'] ?? service.out['mem_limit']))
    if (own !== undefined) {
      services[service.name] = { memory: own }
      continue
    }
    const memory = service.known?.memory ?? DEFAULT_MEMORY
    services[service.name] = { memory }
    draft.findings.change(
      service.keys,
      `${service.name} may use ${memory} MiB of memory`,
      'Every service has a limit, so that one cannot take the server down. Change resources in minion.yml if it needs more.',
    )
  }
  const memory = Object.values(services).reduce((sum, service) => sum + service.memory, 0)
  return { memory, disk: 512 + 512 * draft.services.length, services }
}

export function addHealth(draft: Draft): void {
  for (const service of draft.services) {
    const check = recordOf(service.raw['healthcheck'])
    const health = service.known?.health
    if (Object.keys(check).length > 0 || !health) continue
    // An empty root password means that the check must not send one.
    service.out['healthcheck'] = {
      test: [...health],
      interval: '10s',
      timeout: '5s',
      retries: 6,
      start_period: '60s',
    }
    draft.findings.change(
      at(service, 'image'),
      `${service.name} gets a health check`,
      'What depends on it can wait until it answers.',
    )
  }
  for (const service of draft.services) waitForHealth(draft, service)
}

/** An application that starts before its database is ready often gives up. */
function waitForHealth(draft: Draft, service: DraftService): void {
  const depends = recordOf(service.out['depends_on'])
  for (const [name, options] of Object.entries(depends)) {
    const other = draft.services.find((candidate) => candidate.name === name)
    const { condition } = recordOf(options)
    if (condition === 'service_completed_successfully' && other) other.oneshot = true
    if (condition !== 'service_started' || !other?.known?.engine || !other.out['healthcheck']) continue
    depends[name] = { condition: 'service_healthy' }
    draft.findings.change(
      at(service, 'depends_on'),
      `${service.name} waits until ${name} is healthy`,
      'Started is not yet ready.',
    )
  }
}

/** What counts as ready over HTTP. An unknown application may well ask for a password or send one on. */
export function healthOf(draft: Draft, web: Web | undefined): TemplateDescription['health'] {
  const oneshot = draft.services.filter((service) => service.oneshot).map(({ name }) => name)
  const facing = draft.services.find(({ name }) => name === web?.service)
  const path = facing?.known?.path
  return {
    ...(web
      ? {
          path: path ?? '/',
          status: path ? [200, 204, 302] : [200, 204, 301, 302, 303, 307, 308, 401, 403, 404],
        }
      : {}),
    start_period: 300,
    stable_for: 10,
    ...(oneshot.length > 0 ? { oneshot } : {}),
  }
}

export function mebibytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmg]?)i?b?$/i.exec(text.trim())
  if (!match) return undefined
  const value = Math.floor(Number(match[1]) * (UNIT[(match[2] ?? '').toLowerCase()] ?? 1))
  return value >= 4 ? value : undefined
}
