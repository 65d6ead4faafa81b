/** Roles, lowest first. Every route names the least one that may use it; `public` routes need no credential. */
export const ROLES = ['viewer', 'operator', 'administrator'] as const
export type Role = (typeof ROLES)[number]

/** Who asks: a token, or the admin socket. */
export interface Actor {
  name: string
  role: Role
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Required on every route; a route without it stops the daemon from starting. */
    role?: Role | 'public'
  }
  interface FastifyRequest {
    /** Set before any handler runs, except on public routes without credential. */
    actor: Actor | null
  }
}

export function allows(actual: Role, needed: Role): boolean {
  return ROLES.indexOf(actual) >= ROLES.indexOf(needed)
}
