/** Which service faces the web, on which port; every other published port closes. */
import { listOf, recordOf, textOf } from '../plain.ts'
import { splitShort } from '../host-path.ts'
import { at, type Draft, type DraftService, type Port } from './draft.ts'
import { mayBeWeb, WEB_PORTS } from './web-ports.ts'

export interface Web {
  service: string
  port: number
  protocol?: 'https'
}

export function readPorts(draft: Draft, service: DraftService): void {
  for (const [index, entry] of listOf(service.raw['ports']).entries()) {
    const where = draft.source.at(at(service, 'ports', index))
    const port = portOf(entry, (text) => draft.inputs.evaluate(text))
    if (port === undefined) {
      draft.findings.change(
        where,
        `The port ${textOf(entry)} is closed`,
        'It is not one single port; nothing but the web is offered to the outside.',
      )
    } else service.ports.push({ ...port, where })
  }
  for (const [index, entry] of listOf(service.raw['expose']).entries()) {
    const port = portOf(entry, (text) => draft.inputs.evaluate(text))
    if (port)
      service.ports.push({
        container: port.container,
        protocol: port.protocol,
        where: draft.source.at(at(service, 'expose', index)),
      })
  }
  const exposed = /^EXPOSE\s+(\d+)/im.exec(service.dockerfile ?? '')?.[1]
  if (exposed !== undefined && service.ports.length === 0) {
    service.ports.push({
      container: Number(exposed),
      protocol: 'tcp',
      where: draft.source.at(at(service, 'build')),
    })
  }
}

export function chooseWeb(draft: Draft): Web | undefined {
  const candidates = candidatesOf(draft)
  const options = [...new Set([...candidates.map(textFor), 'none'])]
  const first = candidates[0]
  const services = new Set(candidates.map(({ service }) => service))
  const sure =
    first !== undefined &&
    (services.size === 1 || candidates.filter(({ score }) => score === first.score).length === 1)
  const where = first?.where ?? draft.source.at(draft.services[0]?.keys ?? [])
  const obvious =
    candidates.length === 1 && first !== undefined && first.score > 1 && !draft.answered.has('web')
  const answer = obvious
    ? textFor(first)
    : draft.findings.ask(where, {
        id: 'web',
        text: 'Which service answers the browser, on which port inside the container? service:port, or none',
        options,
        default: sure ? textFor(first) : candidates.length === 0 ? 'none' : undefined,
        check: (value) => webProblem(draft, value),
      })
  if (answer === undefined || answer === 'none') return undefined
  const [named = '', port = ''] = answer.split(':')
  const service = reachedBy(draft, named)
  const found = candidates.find((candidate) => textFor(candidate) === answer)
  return {
    service,
    port: Number(port),
    ...(found?.https || Number(port) === 443 || Number(port) === 8443 ? { protocol: 'https' as const } : {}),
  }
}

/** A service in the network of another is reached at the address of that one. */
function reachedBy(draft: Draft, name: string): string {
  const mode = textOf(draft.services.find((service) => service.name === name)?.out['network_mode'])
  const host = /^service:(.+)$/.exec(mode)?.[1]
  return host !== undefined && draft.services.some((service) => service.name === host) ? host : name
}

/** Replaces what was published by what the proxy needs to know. */
export function writeWeb(draft: Draft, web: Web | undefined): void {
  for (const service of draft.services) {
    const faces = web?.service === service.name
    for (const port of service.ports) {
      if (port.published === undefined) continue
      const same = faces && port.container === web.port
      draft.findings.change(
        port.where,
        same
          ? `The port ${port.container} is reached through the proxy`
          : `The port ${port.container}${port.protocol === 'tcp' ? '' : `/${port.protocol}`} is closed`,
        same
          ? 'Many minions share ports 80 and 443; the proxy adds the certificate.'
          : 'Services of the minion still reach it by name; nothing but the web is offered to the outside.',
      )
    }
    if (faces) {
      const host = '${HOST}'
      setAddress(draft, service)
      Object.assign(service.environment, {
        VIRTUAL_HOST: host,
        VIRTUAL_PORT: String(web.port),
        LETSENCRYPT_HOST: host,
        LETSENCRYPT_EMAIL: '${LETSENCRYPT_EMAIL}',
      })
    }
  }
}

/** Links and redirects are made from it; a file that people try at home says localhost. */
function setAddress(draft: Draft, service: DraftService): void {
  const published = service.ports.map((port) => port.published?.split(':').at(-1))
  for (const [key, value] of Object.entries(service.environment)) {
    const local = /^https?:\/\/(localhost|127\.0\.0\.1)(?::(\d+))?(?=\/|$)/.exec(value)
    if (!local || (local[2] !== undefined && !published.includes(local[2]))) continue
    service.environment[key] = value.replace(local[0], '${URL}')
    draft.findings.change(
      at(service, 'environment', key),
      `${key} says \${URL}`,
      `${local[0]} is not where people reach it.`,
    )
  }
  for (const [key, value] of Object.entries(service.known?.address ?? {})) {
    if (service.environment[key] !== undefined) continue
    service.environment[key] = value
    draft.findings.change(
      at(service, 'image'),
      `${key} is set to the public address`,
      'The application makes its links from it.',
    )
  }
}

interface Candidate {
  service: string
  port: number
  /** 4: named by VIRTUAL_HOST; 3: published web port; 2: known application; 1: published, any port; 0: exposed. */
  score: number
  https: boolean
  where: Port['where']
}

function candidatesOf(draft: Draft): Candidate[] {
  const found: Candidate[] = []
  for (const service of draft.services) {
    const web = !service.known?.engine
    const add = (port: number, score: number, where: Port['where'], https = false) => {
      if (
        port >= 1 &&
        port <= 65535 &&
        !found.some((other) => other.service === service.name && other.port === port)
      ) {
        found.push({ service: service.name, port, score, where, https })
      }
    }
    const own = draft.source.at(service.keys)
    const published = service.ports.filter(
      ({ published, protocol }) => published !== undefined && protocol === 'tcp',
    )
    const named = service.proxied['VIRTUAL_HOST'] !== undefined
    const virtual = Number(service.proxied['VIRTUAL_PORT'] ?? Number.NaN)
    const usual = service.known && web ? service.known.port : undefined
    if (Number.isInteger(virtual)) add(virtual, 4, own, service.proxied['VIRTUAL_PROTO'] === 'https')
    else if (named) add(published[0]?.container ?? usual ?? service.ports[0]?.container ?? 80, 4, own)
    if (!web) continue
    const ranked = published.toSorted((a, b) => rank(a, usual) - rank(b, usual))
    for (const [index, port] of ranked.entries()) {
      if (!mayBeWeb(port.container)) continue
      const likely =
        port.container === usual ||
        WEB_PORTS.includes(port.container) ||
        ['80', '443'].includes(port.published ?? '')
      const plain = ranked.some(
        (other) => other !== port && other.container !== 443 && WEB_PORTS.includes(other.container),
      )
      if ((port.container === 443 || port.container === 8443) && plain) continue
      add(
        port.container,
        likely ? 3 - index / 10 : 1,
        port.where,
        port.container === 443 || port.container === 8443,
      )
    }
    if (usual !== undefined) add(usual, 2, own)
    if (published.length === 0) {
      for (const port of service.ports)
        if (mayBeWeb(port.container))
          add(port.container, WEB_PORTS.includes(port.container) ? 1.5 : 0, port.where)
    }
  }
  return found.toSorted((a, b) => b.score - a.score)
}

function rank(port: Port, usual: number | undefined): number {
  if (port.container === usual) return -1
  const index = WEB_PORTS.indexOf(port.container)
  return index === -1 ? WEB_PORTS.length : index
}

function webProblem(draft: Draft, value: string): string | undefined {
  if (value === 'none') return undefined
  const match = /^(.+):(\d{1,5})$/.exec(value)
  const port = Number(match?.[2])
  if (!match || port < 1 || port > 65535) return `“${value}” is not service:port.`
  return draft.services.some(({ name }) => name === match[1]) ? undefined : `There is no service ${match[1]}.`
}

function textFor({ service, port }: { service: string; port: number }): string {
  return `${service}:${port}`
}

/** Short `[address:][published:]container[/protocol]` or long form; undefined for ranges and what has no value. */
function portOf(
  entry: unknown,
  evaluate: (text: string) => string | undefined,
): Omit<Port, 'where'> | undefined {
  if (entry !== null && typeof entry === 'object') {
    const { target, published, protocol } = recordOf(entry)
    const container = Number(textOf(target))
    if (!Number.isInteger(container)) return undefined
    return { container, published: textOf(published ?? target), protocol: textOf(protocol ?? 'tcp') }
  }
  const [ports = '', protocol = 'tcp'] = String(entry).split('/')
  const parts = splitShort(ports)
  const last = parts.at(-1) ?? ''
  const container = Number(last.includes('$') ? evaluate(last) : last)
  if (!Number.isInteger(container) || container < 1 || container > 65535) return undefined
  return { container, published: parts.at(-2) ?? last, protocol }
}
