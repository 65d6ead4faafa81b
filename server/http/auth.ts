/** Who asks, and may they: the admin socket is the local administrator, everybody else shows a token or a session's cookie. */
import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { asSummonerError, SummonerError } from '../errors.ts'
import { tooMany } from './problem.ts'
import { allows, type Actor } from './roles.ts'
import { checkSender, senderOf, sessionCookie, type SessionCheck } from './session-cookie.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Requests that came over the admin socket; `listen` adds them. */
    adminRequests: WeakSet<IncomingMessage>
    /** Aborts when the daemon stops: long answers end. */
    closing: AbortSignal
  }
  interface FastifyRequest {
    /** For long answers: false once the credential expired or was revoked. */
    stillAllowed(): boolean
  }
}

/** Throws `auth.required` for a credential that is unknown or expired. */
export type Authenticate = (credential: string) => Actor

const LOCAL: Actor = { name: 'local', role: 'administrator' }

const SAFE = ['GET', 'HEAD', 'OPTIONS']

export function addAuthentication(
  app: FastifyInstance,
  authenticate: Authenticate,
  sessions: SessionCheck | undefined,
): void {
  const limit = (max: number) => app.createRateLimit({ max, timeWindow: 60_000, keyGenerator: clientOf })
  const badCredentials = limit(10)
  const misses = limit(120)
  const count = async (limiter: typeof misses, request: FastifyRequest) => {
    const state = await limiter(request)
    if (!state.isAllowed && state.isExceeded) throw tooMany()
  }

  app.decorateRequest('actor', null)
  app.decorateRequest('stillAllowed', () => true)
  app.addHook('onRequest', async (request) => {
    if (app.adminRequests.has(request.raw)) {
      request.actor = LOCAL
      return
    }
    if (request.is404) return count(misses, request)
    if (request.routeOptions.config.ownCredentials) return
    const needed = request.routeOptions.config.role
    const credential = bearerOf(request.headers.authorization)
    try {
      if (credential !== undefined) {
        const actor = authenticate(credential)
        request.actor = actor
        request.stillAllowed = () => isStill(actor, () => authenticate(credential))
      } else if (sessions) bySession(request, sessions)
    } catch (error) {
      if (asSummonerError(error).code === 'auth.origin') throw error
      // A good token is never locked out by somebody else's guesses behind the same address: only misses count.
      // A cookie is no guess: it was good once, and pages ask often.
      await count(credential === undefined ? misses : badCredentials, request)
      if (needed !== 'public') throw error
    }
    if (needed === 'public') return
    if (!request.actor) {
      await count(misses, request)
      throw new SummonerError('auth.required', 'This address needs a token.')
    }
    if (!needed || !allows(request.actor.role, needed))
      throw new SummonerError(
        'auth.refused',
        `This needs the role ${needed}; yours is ${request.actor.role}.`,
      )
    const { session } = request.actor
    if (request.routeOptions.config.confirmed && session && !sessions?.confirmed(session.id))
      throw new SummonerError('auth.confirm', 'This change needs your password once more.')
  })
}

/** A cookie counts where the page of this box asks, and nowhere else. */
function bySession(request: FastifyRequest, sessions: SessionCheck): void {
  const value = sessionCookie(request)
  const safe = SAFE.includes(request.method)
  if (!safe && (value !== undefined || request.routeOptions.config.signsIn))
    checkSender(request, sessions.origin(), { cookie: value !== undefined })
  if (value === undefined || senderOf(request.headers, sessions.origin()) === 'elsewhere') return
  const actor = sessions.authenticate(value, true)
  request.actor = actor
  request.stillAllowed = () => isStill(actor, () => sessions.authenticate(value, false))
}

function isStill(actor: Actor, again: () => Actor): boolean {
  try {
    return again().role === actor.role
  } catch (error) {
    if (asSummonerError(error).code === 'auth.required') return false
    throw error
  }
}

/** Anything in the header that is not a plain bearer token counts as a bad one. */
function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  return /^Bearer +([\x21-\x7e]{1,256})$/i.exec(header)?.[1] ?? ''
}

/** One network of one client: an IPv6 client owns a whole /64. */
export function clientOf(request: Pick<FastifyRequest, 'ip'>): string {
  // On a Unix socket without X-Forwarded-For there is no address.
  const ip = (request.ip as string | undefined) ?? 'unknown'
  if (!isIPv6(ip)) return ip
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  if (mapped) return mapped
  const [head = '', tail] = new URL(`http://[${ip.replace(/%.*$/, '')}]`).hostname.slice(1, -1).split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail?.split(':').filter(Boolean) ?? []
  const groups = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right]
  return `${groups.slice(0, 4).join(':')}::/64`
}
