/** What a container looks like from outside, as one string; pure. It changes when somebody changed the container by hand. */
import { LABEL, type Container } from '../docker/container.ts'
import { serverEngine } from '../templates/shared-database.ts'

export function fingerprint(container: Container): string {
  return JSON.stringify({
    image: container.imageId,
    restart: container.restartPolicy,
    // the server of shared databases is in as many as it has minions
    networks: serverEngine(container.labels[LABEL.minion] ?? '')
      ? []
      : Object.keys(container.networks).sort(),
    memory: container.memoryLimit,
    env: Object.entries(container.env)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
  })
}

/** Sentences for people: one per container that is not what was brought up. Environment values are never shown. */
export function driftOf(fingerprints: Record<string, string>, containers: readonly Container[]): string[] {
  const drift: string[] = []
  for (const [service, expected] of Object.entries(fingerprints)) {
    const container = containers.find((candidate) => candidate.service === service)
    if (!container) {
      drift.push(`container of ${service} is gone`)
      continue
    }
    if (fingerprint(container) === expected) continue
    const before = JSON.parse(expected) as Record<string, unknown>
    const after = JSON.parse(fingerprint(container)) as Record<string, unknown>
    const fields = Object.keys(after).filter(
      (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
    )
    drift.push(`${container.name} was changed by hand: ${fields.join(', ')}`)
  }
  for (const container of containers)
    if (container.service && !(container.service in fingerprints))
      drift.push(`${container.name} was not brought up by Summoner`)
  return drift
}
