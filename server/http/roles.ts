/** Roles, lowest first. Every route names the least one that may use it; `public` routes need no credential. */
export const ROLES = ['viewer', 'operator', 'administrator'] as const
export type Role = (typeof ROLES)[number]

/** Who asks: a token, a person by their browser, or the admin socket. */
export interface Actor {
  name: string
  role: Role
  /** Of a person who is signed in. */
  session?: { id: string; user: string }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Required on every route; a route without it stops the daemon from starting. */
    role?: Role | 'public'
    /** A powerful change: a session asks for the password again when that was long ago. */
    confirmed?: true
    /** Public, but a door: other sites may not push anybody through it. */
    signsIn?: true
    /** Reads that the audit log keeps, or changes of nothing that it leaves out. */
    audited?: boolean
    /** The route takes other content types than JSON, and no token of ours: it checks both itself. */
    ownCredentials?: true
  }
  interface FastifyRequest {
    /** Set before any handler runs, except on public routes without credential. */
    actor: Actor | null
  }
}

export function allows(actual: Role, needed: Role): boolean {
  return ROLES.indexOf(actual) >= ROLES.indexOf(needed)
}
