/** Where a path inside a container lies on this server. */
import { join } from 'node:path'
import type { Template } from '../templates/template.ts'
import { interpolate } from '../templates/variables.ts'
import type { Roots } from './folders.ts'

/** Undefined where no folder of the minion is mounted over it. */
export function hostPathOf(
  minion: string,
  template: Template,
  service: string,
  path: string,
  { vsroot, dbsroot }: Roots,
): string | undefined {
  const env = { MINION: minion, VOLUME_STORAGE_ROOT: vsroot, DATABASE_STORAGE_ROOT: dbsroot }
  const volumes = template.compose.services[service]?.['volumes']
  const mounts = (Array.isArray(volumes) ? volumes : []).flatMap((volume: unknown) => {
    if (typeof volume === 'string') {
      const [source = '', target = ''] = interpolate(volume, env).split(':')
      return [{ source, target }]
    }
    const { source, target } = (volume ?? {}) as { source?: unknown; target?: unknown }
    return typeof source === 'string' && typeof target === 'string'
      ? [{ source: interpolate(source, env), target }]
      : []
  })
  const mount = mounts
    .filter(
      ({ source, target }) =>
        source.startsWith('/') && `${path}/`.startsWith(`${target.replace(/\/$/, '')}/`),
    )
    .toSorted((a, b) => b.target.length - a.target.length)[0]
  return mount && join(mount.source, path.slice(mount.target.replace(/\/$/, '').length))
}
