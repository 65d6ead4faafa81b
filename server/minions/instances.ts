/** Decides once, at the first summon, what never flips afterwards: where images come from, which subnets are used. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Application, Config } from '../config/config.ts'
import type { Engine } from '../docker/container.ts'
import type { Images } from '../images/image.ts'
import type { Instance } from '../templates/rendered.ts'
import { networkKeys, prefixOf } from '../templates/networks.ts'
import type { Template } from '../templates/template.ts'

interface InstancesDeps {
  minionsDir: string
  engine: Pick<Engine, 'listNetworks'>
  images: Pick<Images, 'choose'>
  readInstance(dir: string): Instance | undefined
  nextSubnets(
    pool: string,
    prefixLength: number,
    taken: readonly string[],
    keys: readonly string[],
  ): Record<string, string>
  now(): Date
  /** CIDRs that the host routes elsewhere: a subnet over a VPN's network would cut it off. */
  routes(): string[]
}

export type Instances = ReturnType<typeof createInstances>

export function createInstances({
  minionsDir,
  engine,
  images,
  readInstance,
  nextSubnets,
  now,
  routes,
}: InstancesDeps) {
  /** Handed out, not yet written: ten summons at once must not be given the same subnet. */
  const reserved = new Map<string, string[]>()

  const takenByOthers = async (minion: string): Promise<string[]> => {
    const kept = folders(minionsDir)
      .filter((name) => name !== minion)
      .flatMap((name) => Object.values(readInstance(join(minionsDir, name))?.subnets ?? {}))
    const engineSubnets = (await engine.listNetworks()).flatMap(({ subnets }) => subnets)
    return [...kept, ...engineSubnets, ...routes()]
  }

  return {
    async decide(application: Application, template: Template, config: Config): Promise<Instance> {
      const dir = join(minionsDir, application.name)
      const kept = readInstance(dir)
      const keys = networkKeys(template)
      const missing = keys.filter((key) => !kept || !(key in kept.subnets))
      if (kept && missing.length === 0)
        return { ...kept, template: template.name, revision: template.description.revision }

      const source = kept?.images ?? (await images.choose(application.images ?? config.images, template))
      const others = await takenByOthers(application.name)
      // nothing may wait between here and the reservation
      const taken = [
        ...others,
        ...Object.values(kept?.subnets ?? {}),
        ...[...reserved].flatMap(([name, subnets]) => (name === application.name ? [] : subnets)),
      ]
      const fresh = nextSubnets(config.subnets, prefixOf(template), taken, missing)
      reserved.set(application.name, Object.values(fresh))
      return {
        template: template.name,
        revision: template.description.revision,
        images: source,
        subnets: { ...kept?.subnets, ...fresh },
        createdAt: kept?.createdAt ?? now().toISOString(),
      }
    },
    /** The instance is written (or given up): its folder speaks for it now. */
    release: (minion: string) => void reserved.delete(minion),
  }
}

/** Networks of the host's routing table, from /proc/net/route (little-endian hex); the default route is not one. */
export function hostRoutes(text: string = readRoutes()): string[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter((fields) => fields[1] && fields[7] && fields[7] !== '00000000')
    .map((fields) => `${address(fields[1]!)}/${prefixLength(fields[7]!)}`)
}

function readRoutes(): string {
  try {
    return readFileSync('/proc/net/route', 'utf8')
  } catch {
    return ''
  }
}
const address = (hex: string) =>
  [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.')
const prefixLength = (hex: string) => Number.parseInt(hex, 16).toString(2).replaceAll('0', '').length

function folders(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => !name.startsWith('.'))
  } catch {
    return []
  }
}
