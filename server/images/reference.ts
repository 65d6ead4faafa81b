/** The name of a distribution build. It never borrows an upstream tag. */
import type { Template } from '../templates/template.ts'

/** `summoner/<template>-<service>:<version>-<12 hex of the context>`, so that a changed Dockerfile is another image. */
export function buildReference(
  template: Pick<Template, 'name' | 'description' | 'builds'>,
  service: string,
): string {
  const version = template.description.images[service]?.distro?.version ?? '0'
  return `summoner/${template.name}-${service.toLowerCase()}:${version}-${template.builds[service] ?? ''}`
}
