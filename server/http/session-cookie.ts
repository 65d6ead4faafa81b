/** The cookie of a browser's session, and from where it counts. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { SummonerError } from '../errors.ts'
import type { Actor } from './roles.ts'

export interface SessionCheck {
  /** Throws `auth.required` for a value that is not a living session; `use` counts as being used. */
  authenticate(value: string, use: boolean): Actor
  /** Its owner has lately proved who they are. */
  confirmed(id: string): boolean
  /** Of the page, the only one that may use it: `https://summoner.example.org`. */
  origin(): string
}

/**
 * With the prefix a browser takes the cookie from this very host only, and over HTTPS: no minion on a neighbouring
 * host can plant one. Without HTTPS (`tls: none`) there is no such promise, so the name differs and is not read elsewhere.
 */
const nameFor = (request: Pick<FastifyRequest, 'protocol'>): string =>
  request.protocol === 'https' ? '__Host-summoner' : 'summoner'

const LIFE_S = 30 * 24 * 60 * 60

export function sessionCookie(request: FastifyRequest): string | undefined {
  return request.cookies[nameFor(request)]
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, value: string): void {
  void reply.setCookie(nameFor(request), value, { ...optionsFor(request), maxAge: LIFE_S })
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  void reply.clearCookie(nameFor(request), optionsFor(request))
}

const optionsFor = (request: FastifyRequest) => ({
  path: '/',
  httpOnly: true,
  secure: request.protocol === 'https',
  sameSite: 'strict' as const,
})

/**
 * Did the page itself send this? Minions live on neighbouring hosts, which browsers count as the same site: SameSite
 * does not keep them out. `typed`: into the address bar, or a bookmark. `unsaid`: no browser's header at all.
 */
export function senderOf(
  headers: Record<string, string | string[] | undefined>,
  origin: string,
): 'page' | 'typed' | 'elsewhere' | 'unsaid' {
  const site = headers['sec-fetch-site']
  const from = headers['origin']
  if (from !== undefined && from !== origin) return 'elsewhere'
  if (site === 'none') return from === undefined ? 'typed' : 'page'
  if (site !== undefined) return site === 'same-origin' ? 'page' : 'elsewhere'
  return from === undefined ? 'unsaid' : 'page'
}

/** Throws for a change that another page, or nobody known, wants to make with a cookie. */
export function checkSender(request: FastifyRequest, origin: string, { cookie }: { cookie: boolean }): void {
  const sender = senderOf(request.headers, origin)
  if (sender === 'elsewhere' || (cookie && sender !== 'page'))
    throw new SummonerError('auth.origin', 'The request does not come from the page of this box.')
}
