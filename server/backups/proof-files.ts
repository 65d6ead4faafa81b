/**
 * The third compose file of a proof: the set's own two files as they are, but in a network without a way out, without
 * published ports, and without the labels and names by which the box would take the containers for a minion. Pure.
 */
import { Document, isMap, isNode, parse, parseDocument } from 'yaml'
import { LABEL } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'

interface Input {
  /** `compose.yml` and `compose.override.yml` of the set. */
  compose: string
  override: string
  project: string
  /** The application's own address: not to be looked for. */
  host: string
  boxId: string
  /** service -> image of the set, for what compose builds (it would look for one of the proof's own), or a shared server ran. */
  built?: Readonly<Record<string, string>>
}

type Section = Record<string, unknown>

export interface ProofFiles {
  /** The file to lay over the others. */
  text: string
  /** Services whose end with code 0 is success. */
  services: string[]
}

export function proofFiles({ compose, override, project, host, boxId, built = {} }: Input): ProofFiles {
  const file = sectionOf(parse(compose))
  const over = sectionOf(parse(override, { logLevel: 'silent' }))
  const services = sectionOf(file['services'])
  const labels = { [LABEL.kind]: 'task', [LABEL.box]: boxId }
  const document = new Document({})
  for (const [name, service] of Object.entries(services)) {
    const own = sectionOf(service)
    if (own['network_mode'] !== undefined)
      throw new SummonerError(
        'proof.impossible',
        `${name} shares the network of this server, so it cannot run beside itself.`,
      )
    const networks = namesOf(own['networks'])
    const at = ['services', name]
    document.setIn([...at, 'container_name'], `${project}-${name}`)
    replace(document, [...at, 'labels'], labels)
    replace(document, [...at, 'networks'], Object.fromEntries(networks.map((key) => [key, {}])))
    // whoever asks for a name outside soon hears that there is none: a page that looks one up must not wait 20 s
    document.setIn([...at, 'dns'], ['127.0.0.1'])
    document.setIn([...at, 'dns_opt'], ['timeout:1', 'attempts:1'])
    replace(document, [...at, 'extra_hosts'], [`${host}:127.0.0.1`])
    if (own['ports'] !== undefined) replace(document, [...at, 'ports'], [])
    document.setIn([...at, 'restart'], 'no')
    document.setIn([...at, 'pull_policy'], 'never')
    if (built[name] !== undefined) document.setIn([...at, 'image'], built[name])
  }
  const networks = new Set([
    'default',
    ...Object.keys(sectionOf(file['networks'])),
    ...Object.keys(sectionOf(over['networks'])),
  ])
  for (const key of networks) replace(document, ['networks', key], { internal: true, labels })
  return { text: document.toString(), services: Object.keys(services) }
}

/** The override of a minion on a shared server as it would be with a server of its own: nothing is left out any more. */
export function withOwnDatabase(override: string, service: string): string {
  const document = parseDocument(override, { logLevel: 'silent' })
  document.deleteIn(['services', service])
  const services = document.getIn(['services'], true)
  for (const { key } of isMap(services) ? services.items : [])
    document.deleteIn(['services', String(key), 'depends_on'])
  return document.toString({ lineWidth: 0 })
}

/** `.env` with other folders and another project; whatever else it holds stays. */
export function proofEnv(text: string, changes: Readonly<Record<string, string>>): string {
  const kept = text
    .split('\n')
    .filter((line) => !Object.keys(changes).some((key) => line.startsWith(`${key}=`)))
  return [...kept, ...Object.entries(changes).map(([key, value]) => `${key}='${value}'`), ''].join('\n')
}

/** Compose merges maps and lists of several files unless one says otherwise. */
function replace(document: Document, at: string[], value: unknown): void {
  document.setIn(at, document.createNode(value))
  const node = document.getIn(at, true)
  if (isNode(node)) node.tag = '!override'
}

function namesOf(networks: unknown): string[] {
  if (Array.isArray(networks)) return networks.map(String)
  const names = Object.keys(sectionOf(networks))
  return names.length > 0 ? names : ['default']
}

function sectionOf(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : {}
}
