/** Which version follows which, as the tags of two sets of images say. Pure. */
import type { RenderedService } from '../templates/rendered.ts'

export interface VersionChange {
  service: string
  from: string
  to: string
}

type Service = Pick<RenderedService, 'service' | 'image'>

/** Undefined when every service keeps its version. Of several changes that of `first` is told. */
export function versionChange(
  before: readonly Service[],
  after: readonly Service[],
  first?: string,
): VersionChange | undefined {
  const changes = after.flatMap(({ service, image }) => {
    const was = before.find((one) => one.service === service)
    const [from, to] = [was && versionOf(was.image), versionOf(image)]
    return from === undefined || to === undefined || from === to ? [] : [{ service, from, to }]
  })
  return changes.find(({ service }) => service === first) ?? changes[0]
}

/** A distribution build ends in the hash of its recipe; the version is what stands before. */
function versionOf(image: string): string | undefined {
  const tag = /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1]
  return image.startsWith('summoner/') ? tag?.replace(/-[0-9a-f]{12}$/, '') : tag
}
