/** Stand-ins for the HTTP APIs of DNS providers: they refuse what the documents of the real ones say is refused. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

export interface Asked {
  method: string
  path: string
  query: URLSearchParams
  headers: NodeJS.Dict<string | string[]>
  body: unknown
  /** As it came. */
  text: string
}
interface Reply {
  status: number
  body?: unknown
}
interface Zone {
  name: string
  /** Values of TXT records by full name, with their quotes as they came. */
  live: Map<string, string[]>
  changed(name: string): void
}
type Api = (asked: Asked, zone: Zone) => Reply

export const ZONE = 'kit.test'
export const TOKEN = 'the-token'
const bearer = ({ headers }: Asked): boolean => headers['authorization'] === `Bearer ${TOKEN}`
const field = (value: unknown, key: string): unknown => (value as Record<string, unknown> | undefined)?.[key]
const isQuoted = (value: unknown): value is string => typeof value === 'string' && /^".{1,255}"$/.test(value)

function cloudflare(): Api {
  let next = 1
  const records = new Map<string, { name: string; content: string }>()
  const fail = (status: number, code: number, message: string): Reply => ({
    status,
    body: { success: false, errors: [{ code, message }], messages: [], result: null },
  })
  const fine = (result: unknown): Reply => ({
    status: 200,
    body: { success: true, errors: [], messages: [], result },
  })
  return (asked, zone) => {
    const { method, path, query, body } = asked
    if (!bearer(asked)) return fail(403, 9109, 'Invalid access token')
    if (path === '/zones')
      return fine(
        query.get('name') === zone.name ? [{ id: '023e105f4ecef8ad9ca31a8372d0c353', name: zone.name }] : [],
      )
    const [, id, record] = /^\/zones\/([0-9a-f]{32})\/dns_records(?:\/([^/]+))?$/.exec(path) ?? []
    if (id === undefined) return fail(404, 7003, 'Could not route to the request')
    const sync = (name: string): void => {
      zone.live.set(
        name,
        [...records.values()].filter((one) => one.name === name).map((one) => one.content),
      )
      zone.changed(name)
    }
    if (method === 'POST') {
      const [name, content, ttl] = [field(body, 'name'), field(body, 'content'), field(body, 'ttl')]
      if (field(body, 'type') !== 'TXT' || typeof name !== 'string' || typeof content !== 'string')
        return fail(400, 9000, 'DNS name is invalid.')
      if (ttl !== 1 && !(Number(ttl) >= 60 && Number(ttl) <= 86_400)) return fail(400, 9021, 'Invalid TTL.')
      if ([...records.values()].some((one) => one.name === name && one.content === content))
        return fail(400, 81058, 'An identical record already exists.')
      records.set(String(next), { name, content })
      sync(name)
      return fine({ id: String(next++), type: 'TXT', name, content })
    }
    if (method === 'GET')
      return fine(
        [...records]
          .filter(([, one]) => query.get('name') === null || one.name === query.get('name'))
          .map(([key, one]) => ({ id: key, type: 'TXT', ...one })),
      )
    const gone = record === undefined ? undefined : records.get(record)
    if (method !== 'DELETE' || gone === undefined) return fail(404, 81044, 'Record does not exist.')
    records.delete(record ?? '')
    sync(gone.name)
    return fine({ id: record })
  }
}

export const OVH = { key: 'AppKey', secret: 'AppSecret', consumer: 'ConsumerKey' }

/** Its clock is an hour ahead; records are served after a refresh only. */
function ovh(url: () => string): Api {
  let next = 5_000
  const time = (): number => Math.floor(Date.now() / 1000) + 3600
  const records = new Map<number, { subDomain: string; target: string }>()
  return (asked, zone) => {
    const { method, path, query, headers, body, text } = asked
    if (path === '/auth/time') return { status: 200, body: time() }
    const stamp = String(headers['x-ovh-timestamp'])
    const search = query.size > 0 ? `?${query.toString()}` : ''
    const clear = [OVH.secret, OVH.consumer, method, `${url()}${path}${search}`, text, stamp].join('+')
    const right =
      headers['x-ovh-application'] === OVH.key &&
      headers['x-ovh-consumer'] === OVH.consumer &&
      Math.abs(Number(stamp) - time()) < 30 &&
      headers['x-ovh-signature'] === `$1$${createHash('sha1').update(clear).digest('hex')}`
    if (!right) return { status: 400, body: { class: 'Client::BadRequest', message: 'Invalid signature' } }
    const [, name, rest = ''] = /^\/domain\/zone\/([^/]+)(\/.*)?$/.exec(path) ?? []
    if (name !== zone.name) return { status: 404, body: { message: 'This service does not exist' } }
    if (rest === '' && method === 'GET') return { status: 200, body: { name: zone.name } }
    if (rest === '/refresh' && method === 'POST') {
      const seen = new Set(zone.live.keys())
      zone.live.clear()
      for (const { subDomain, target } of records.values()) {
        const full = `${subDomain}.${zone.name}`
        zone.live.set(full, [...(zone.live.get(full) ?? []), target])
        seen.add(full)
      }
      for (const full of seen) zone.changed(full)
      return { status: 200, body: null }
    }
    const id = Number(/^\/record\/([0-9]+)$/.exec(rest)?.[1])
    if (rest === '/record' && method === 'POST') {
      const [subDomain, target] = [String(field(body, 'subDomain')), String(field(body, 'target'))]
      if (field(body, 'fieldType') !== 'TXT') return { status: 400, body: { message: 'Invalid fieldType' } }
      records.set(next, { subDomain, target })
      return { status: 200, body: { id: next++, zone: zone.name, fieldType: 'TXT', subDomain, target } }
    }
    if (rest === '/record' && method === 'GET') {
      const found = [...records].filter(([, one]) => one.subDomain === query.get('subDomain'))
      return { status: 200, body: found.map(([key]) => key) }
    }
    const record = records.get(id)
    if (!record) return { status: 404, body: { message: 'The requested object does not exist' } }
    if (method === 'DELETE') records.delete(id)
    return { status: 200, body: method === 'DELETE' ? null : { id, ...record } }
  }
}

/** A PUT replaces the whole set; zones of others answer 403. */
function gandi(): Api {
  const fail = (status: number, message: string): Reply => ({
    status,
    body: { code: status, object: 'HTTPError', message, cause: message },
  })
  return (asked, zone) => {
    const { method, path, body } = asked
    if (!bearer(asked)) return fail(401, 'The server could not verify that you are authorized')
    const [, domain, label] = /^\/domains\/([^/]+)(?:\/records\/([^/]+)\/TXT)?$/.exec(path) ?? []
    if (domain !== zone.name) return fail(403, 'Access was denied to this resource.')
    if (label === undefined) return { status: 200, body: { fqdn: zone.name } }
    const name = `${label}.${zone.name}`
    const held = zone.live.get(name)
    if (method === 'GET')
      return held
        ? { status: 200, body: { rrset_name: label, rrset_type: 'TXT', rrset_ttl: 300, rrset_values: held } }
        : fail(404, 'Can not find the requested resource')
    if (method === 'DELETE') {
      zone.live.delete(name)
      zone.changed(name)
      return { status: 204 }
    }
    const values = field(body, 'rrset_values')
    if (!Array.isArray(values) || values.length === 0 || !values.every(isQuoted))
      return fail(400, 'rrset_values: invalid')
    if (!(Number(field(body, 'rrset_ttl')) >= 300)) return fail(400, 'rrset_ttl: must be at least 300')
    zone.live.set(name, values)
    zone.changed(name)
    return { status: 201, body: { message: 'DNS Record Created' } }
  }
}

/** A change is done once its action has been looked at twice. */
function hetzner(): Api {
  const actions: { looks: number; run(): void }[] = []
  const fail = (status: number, code: string, message: string): Reply => ({
    status,
    body: { error: { code, message, details: null } },
  })
  const view = (id: number, status: string): unknown => ({
    action: { id, command: 'change_rrset', status, progress: 50, error: null },
  })
  return (asked, zone) => {
    const { method, path, query, body } = asked
    if (!bearer(asked)) return fail(401, 'unauthorized', 'unable to authenticate')
    if (path === '/zones')
      return {
        status: 200,
        body: { zones: query.get('name') === zone.name ? [{ id: 42, name: zone.name }] : [] },
      }
    const looked = /^\/actions\/([0-9]+)$/.exec(path)?.[1]
    if (looked !== undefined) {
      const action = actions[Number(looked)]
      if (!action) return fail(404, 'not_found', 'action not found')
      if (++action.looks === 2) action.run()
      return { status: 200, body: view(Number(looked), action.looks < 2 ? 'running' : 'success') }
    }
    const [, label, verb] =
      /^\/zones\/42\/rrsets\/([^/]+)\/TXT\/actions\/(add|remove)_records$/.exec(path) ?? []
    if (label === undefined || method !== 'POST') return fail(404, 'not_found', 'zone not found')
    const records = field(body, 'records')
    const values = Array.isArray(records) ? records.map((record) => field(record, 'value')) : []
    if (values.length === 0 || !values.every(isQuoted))
      return fail(422, 'invalid_input', 'invalid input in field "records"')
    const name = `${label}.${zone.name}`
    const held = (): string[] => zone.live.get(name) ?? []
    if (verb === 'remove' && !values.every((value) => held().includes(value)))
      return fail(404, 'not_found', 'record not found')
    const run = (): void => {
      const rest = held().filter((value) => !values.includes(value))
      zone.live.set(name, verb === 'add' ? [...rest, ...values] : rest)
      zone.changed(name)
    }
    actions.push({ looks: 0, run })
    return { status: 201, body: view(actions.length - 1, 'running') }
  }
}

export type ApiName = 'cloudflare' | 'ovh' | 'gandi' | 'hetzner'

/** On a port of its own; `onChange` hears of every name whose served values have changed. */
export async function startDnsApi(
  which: ApiName,
  onChange: (name: string, values: string[]) => void | Promise<void> = () => undefined,
  name = ZONE,
) {
  let url = ''
  const live = new Map<string, string[]>()
  const plain = (name: string): string[] => (live.get(name) ?? []).map((value) => value.replace(/^"|"$/g, ''))
  const changes: Promise<void>[] = []
  const zone: Zone = {
    name,
    live,
    changed: (record) => void changes.push(Promise.resolve(onChange(record, plain(record)))),
  }
  const api = { cloudflare, gandi, hetzner, ovh: () => ovh(() => url) }[which]()
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.once('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
      const typed = text === '' || request.headers['content-type'] === 'application/json'
      const { method = '', headers } = request
      const body: unknown = text === '' ? undefined : JSON.parse(text)
      const reply = typed
        ? api({ method, path: pathname, query: searchParams, headers, body, text }, zone)
        : { status: 415, body: { message: 'Unsupported Media Type' } }
      void Promise.all(changes.splice(0)).then(() =>
        response
          .writeHead(reply.status, { 'content-type': 'application/json' })
          .end(reply.body === undefined ? '' : JSON.stringify(reply.body)),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  return { url, values: plain, close: () => server.close() }
}
