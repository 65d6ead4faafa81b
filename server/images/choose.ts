/** Decides where a minion's images come from: asked once, at its first summon. */
import type { Engine } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'
import type { Template } from '../templates/template.ts'
import { registryOf } from './pull.ts'
import { buildReference } from './reference.ts'

const REMEMBER_MS = 60_000

interface ChooseDeps {
  engine: Pick<Engine, 'image'>
  /** Does this registry answer its API? */
  reachable(registry: string): Promise<boolean>
  now(): number
}

export function createChoose({ engine, reachable, now }: ChooseDeps) {
  const answers = new Map<string, { at: number; answer: Promise<boolean> }>()
  const ask = (registry: string): Promise<boolean> => {
    const known = answers.get(registry)
    if (known && now() - known.at < REMEMBER_MS) return known.answer
    const answer = reachable(registry)
    answers.set(registry, { at: now(), answer })
    return answer
  }
  const allHere = async (references: string[]) =>
    (await Promise.all(references.map((reference) => engine.image(reference)))).every(Boolean)

  return async (wish: 'auto' | 'registry' | 'distro', template: Template): Promise<'registry' | 'distro'> => {
    const images = Object.entries(template.description.images)
    const without = images.filter(([, image]) => !image.distro).map(([service]) => service)
    if (wish === 'distro' && without.length > 0)
      throw new SummonerError(
        'image.unavailable',
        `${template.name} has no distribution build for ${without.join(' and ')}.`,
        { hint: 'Set `images: registry` for this minion; its images only come from a registry.' },
      )
    if (wish !== 'auto') return wish
    if (without.length > 0) return 'registry'
    if (await allHere(images.map(([, image]) => `${image.repository}:${image.tag}`))) return 'registry'
    // Built here before means that the registry could not be reached before: no reason to wait for it again.
    if (await allHere(images.map(([service]) => buildReference(template, service)))) return 'distro'
    const registries = [...new Set(images.map(([, image]) => registryOf(image.repository)))]
    return (await Promise.all(registries.map(ask))).every(Boolean) ? 'registry' : 'distro'
  }
}
