/** Labels and networks of a service: what other tools steered by them, Summoner does itself. */
import { listOf, recordOf, textOf } from '../plain.ts'
import { at, type Draft, type DraftService } from './draft.ts'
import { isRecord } from './source.ts'

const OTHERS = /^(traefik|caddy|com\.docker|io\.summoner|com\.centurylinklabs|diun|homepage|autoheal)/i

export function readLabels(draft: Draft, service: DraftService): void {
  const raw = service.raw['labels']
  const entries = isRecord(raw)
    ? Object.entries(raw)
    : listOf(raw).map((item): [string, unknown] => {
        const [key = '', ...rest] = textOf(item).split('=')
        return [key, rest.join('=')]
      })
  const kept: Record<string, string> = {}
  for (const [key, value] of entries) {
    const port = /^traefik\.http\.services\.[^.]+\.loadbalancer\.server\.port$/.test(key)
    if (port) service.proxied['VIRTUAL_PORT'] = textOf(value)
    // A name with a variable could become one of ours.
    const steers = key.includes('$') || OTHERS.test(key)
    if (!steers) kept[key] = textOf(value)
  }
  if (entries.length > Object.keys(kept).length) {
    draft.findings.change(
      at(service, 'labels'),
      'Labels that steer other tools are left out',
      'The proxy here is Summoner’s own.',
    )
  }
  if (Object.keys(kept).length > 0) service.out['labels'] = kept
}

export function readNetworks(draft: Draft, service: DraftService): void {
  const raw = service.raw['networks']
  const defined = recordOf(draft.source.value['networks'])
  const networks: Record<string, Record<string, unknown>> = {}
  for (const [name, options] of isRecord(raw)
    ? Object.entries(raw)
    : listOf(raw).map((item): [string, unknown] => [textOf(item), {}])) {
    const definition = recordOf(Object.hasOwn(defined, name) ? defined[name] : {})
    const where = at(service, 'networks')
    if (definition['external'] !== undefined && definition['external'] !== false) {
      draft.findings.change(
        where,
        `${service.name} leaves the network ${name}`,
        'It belongs to somebody else. The proxy reaches a minion without it.',
      )
      continue
    }
    if (name !== 'default' && !Object.hasOwn(defined, name)) {
      draft.findings.refuse(where, {
        what: `The network ${name} is not in the file`,
        why: 'A service joins networks of its own file.',
        advice: 'Add it under networks or remove it here.',
      })
      continue
    }
    const { aliases } = recordOf(options)
    networks[name] = aliases === undefined ? {} : { aliases }
    if (Object.keys(recordOf(options)).some((key) => key !== 'aliases')) {
      draft.findings.change(
        where,
        `Fixed addresses on ${name} are left out`,
        'Summoner hands out addresses from its own pool.',
      )
    }
  }
  if (Object.keys(networks).length > 0) service.out['networks'] = networks
}

/** Aliases from links join the networks that the service is on. */
export function writeAliases(service: DraftService): void {
  if (service.aliases.length === 0 || service.out['network_mode'] !== undefined) return
  const networks = recordOf(service.out['networks'] ?? { default: {} })
  service.out['networks'] = Object.fromEntries(
    Object.entries(networks).map(([name, options]) => [
      name,
      { aliases: [...new Set([...listOf(recordOf(options)['aliases']), ...service.aliases])] },
    ]),
  )
}
