import type { Role } from '../../../server/http/roles.ts'

export type { Role }
/** Lowest first, as the daemon has them. */
export const ROLES = ['viewer', 'operator', 'administrator'] as const satisfies readonly Role[]
