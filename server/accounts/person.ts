/** Who sits behind a request, and what is known of their browser. */
import type { FastifyRequest } from 'fastify'
import { SummonerError } from '../errors.ts'
import { clientOf } from '../http/auth.ts'
import type { Visitor } from './create-sessions.ts'

/** Tokens and the admin socket have a role, but no account. */
export function personOf(request: Pick<FastifyRequest, 'actor'>): { id: string; user: string } {
  const session = request.actor?.session
  if (!session) throw new SummonerError('session.needed', 'This address is about the one who is signed in.')
  return session
}

export function visitorOf(request: FastifyRequest): Visitor {
  return {
    device: (request.headers['user-agent'] ?? 'unknown').replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200),
    address: clientOf(request),
  }
}
