/** Where an image comes from, and how it gets here. */
import type { Rendered } from '../templates/rendered.ts'
import type { BuiltService } from './pushed-image.ts'

export interface ImageProgress {
  signal: AbortSignal
  log(line: string): void
  progress(done: number, total: number, unit: string, message?: string): void
}

export interface Images {
  /** Decides once per minion, at its first summon: `auto` tries the registry's API (5 s) unless every image is here already. */
  choose(
    wish: 'auto' | 'registry' | 'distro',
    template: import('../templates/template.ts').Template,
  ): Promise<'registry' | 'distro'>
  /** Pulls or builds what is missing. One build at a time; pulls retried with back-off. `image.unavailable` or `image.build`. */
  ensure(images: Rendered['images'], templateDir: string, context: ImageProgress): Promise<void>
  /** Images of a minion's own folder that are missing: true when a private registry gave all of them back. */
  bringBack(own: BuiltService[], context: ImageProgress): Promise<boolean>
  /** Is everything here already? (no network) */
  present(images: Rendered['images']): Promise<boolean>
}
