/** The one way out for recipes: HTTP to the public Internet and to our own minions, checked at the moment of connecting. */
import { lookup as systemLookup } from 'node:dns'
import { Agent as SecureAgent, request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { http } from '../node-http.ts'
import { isPublic } from './public-address.ts'

export interface OutgoingRequest {
  method: string
  url: string
  headers: Record<string, string>
  body?: string
}

export interface Reply {
  status: number
  headers: Record<string, string | undefined>
  /** Cut off where it is too long: an answer is a receipt, not a document. */
  body: string
}

/** The address must not be reached; trying again would not help. */
export class RefusedAddress extends Error {
  override name = 'RefusedAddress'
}

export interface OutgoingDeps {
  /** Hosts that our own nginx serves: reached there, whatever their names resolve to. */
  ownHosts(): ReadonlySet<string>
  ports: { http: number; https: number }
  /** Further authorities that are trusted for our own hosts. */
  ownAuthorities(host: string): string[]
  allowed(address: string): boolean
  userAgent: string
  lookup?: typeof systemLookup
}

export interface Outgoing {
  send(request: OutgoingRequest, timeoutMs: number): Promise<Reply>
  close(): void
}

const BODY_LIMIT = 64 * 1024

export function createOutgoing(deps: OutgoingDeps): Outgoing {
  const { lookup: resolve = systemLookup } = deps
  const agents = {
    plain: new http.Agent({ keepAlive: true, timeout: 10_000 }),
    secure: new SecureAgent({ keepAlive: true, timeout: 10_000 }),
  }
  const mayReach = (address: string) => isPublic(address) || deps.allowed(address)

  /** Asked by the socket itself, so the address that is checked is the one that is connected to. */
  const guarded: LookupFunction = (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '')
      const wrong = found.find(({ address }) => !mayReach(address))
      if (wrong) return done(refused(host, wrong.address), '')
      const [first] = found
      if (!first) return done(new Error(`${host} has no address`), '')
      if (options.all) done(null, found)
      else done(null, first.address, first.family)
    })
  }

  function place(url: URL) {
    const host = url.hostname.replace(/^\[(.*)\]$/u, '$1')
    const secure = url.protocol === 'https:'
    if (!secure && url.protocol !== 'http:') throw new RefusedAddress('only http and https are possible')
    if (url.username !== '' || url.password !== '')
      throw new RefusedAddress('a user or password in the address is not possible')
    const own = secure ? deps.ports.https : deps.ports.http
    // a box behind other ports has them in its addresses
    if (deps.ownHosts().has(host) && ['', String(own)].includes(url.port)) {
      return {
        host: '127.0.0.1',
        port: own,
        secure,
        ...(secure ? { servername: host, ca: deps.ownAuthorities(host) } : {}),
      }
    }
    if (isIP(host) !== 0 && !mayReach(host)) throw refused(host, host)
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
    return { host, port, secure, lookup: guarded }
  }

  function once(
    { method, url: text, headers, body = '' }: OutgoingRequest,
    timeoutMs: number,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const url = URL.canParse(text) ? new URL(text) : undefined
      if (!url) throw new RefusedAddress('the secret holds no address')
      const { secure, ...target } = place(url)
      const options = {
        ...target,
        method,
        path: url.pathname + url.search,
        headers: {
          host: url.host,
          'user-agent': deps.userAgent,
          ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      }
      const sent = secure
        ? httpsRequest({ ...options, agent: agents.secure })
        : http.request({ ...options, agent: agents.plain })
      let over = false
      const giveUp = () => {
        if (!over) sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`))
      }
      // an answer that lies in the socket, because we were busy, is read first: it came in time
      const timer = setTimeout(() => setImmediate(giveUp), timeoutMs)
      const settle = () => {
        over = true
        clearTimeout(timer)
      }
      sent.once('error', (error: NodeJS.ErrnoException) => {
        settle()
        // the server closed a kept connection at the moment we used it: nothing was read there
        reject(sent.reusedSocket && error.code === 'ECONNRESET' ? new Reused() : error)
      })
      sent.once('response', (response) => {
        let answer = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          if (answer.length < BODY_LIMIT) answer += part.slice(0, BODY_LIMIT - answer.length)
          else response.destroy()
        })
        response.once('error', () => {})
        response.once('close', () => {
          settle()
          const flat = Object.entries(response.headers).map(([key, value]) => [key, value?.toString()])
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(flat) as Reply['headers'],
            body: answer,
          })
        })
      })
      sent.end(body)
    })
  }

  return {
    send: (request, timeoutMs) =>
      once(request, timeoutMs).catch((error: unknown) => {
        if (error instanceof Reused) return once(request, timeoutMs)
        throw error
      }),
    close: () => {
      agents.plain.destroy()
      agents.secure.destroy()
    },
  }
}

class Reused extends Error {}

const refused = (host: string, address: string) =>
  new RefusedAddress(
    `${host === address ? address : `${host} is ${address}, which`} is not a public address; \`outgoing: {allow: [...]}\` in config.yml allows one`,
  )
