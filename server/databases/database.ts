/** Shared database servers as the API shows them, and what other rooms ask of them. */
import { Type, type Static } from 'typebox'
import type { StepContext } from '../jobs/job.ts'
import { SHARED_ENGINES, type SharedDatabase } from '../templates/shared-database.ts'

export const TenantSchema = Type.Object({
  minion: Type.String(),
  database: Type.String(),
  user: Type.String(),
  bytes: Type.Optional(Type.Integer({ description: 'on disk; absent while the server does not run' })),
  /** `kept`: of a minion that was dismissed without its data. */
  state: Type.Enum(['used', 'kept', 'missing']),
})

export const DatabaseServerSchema = Type.Object({
  name: Type.String({ description: 'the minion that is the server' }),
  engine: Type.Enum(SHARED_ENGINES),
  image: Type.Optional(Type.String()),
  state: Type.String({ description: 'of its container; absent when there is none' }),
  tenants: Type.Array(TenantSchema),
  bytes: Type.Integer({ description: 'sum of its databases' }),
  saved: Type.Integer({
    description:
      'MiB of memory that the servers it stands for would take on top, by the figure of its template',
  }),
})
export type DatabaseServer = Static<typeof DatabaseServerSchema>

export type ProvideContext = Pick<StepContext, 'signal' | 'log'>

export interface SharedDatabases {
  /** The server runs and is healthy when this resolves; it is summoned where it is missing. */
  awaitServer(database: SharedDatabase, context: ProvideContext): Promise<void>
  /** Database and account of a minion, with the password of its `.env`; what is there already stays. */
  provide(minion: string, database: SharedDatabase, password: string, context: ProvideContext): Promise<void>
  /** The server is in those networks of the minion where its database is looked for, and in no other of them. */
  connect(minion: string, project: string, database: SharedDatabase | undefined): Promise<void>
  /** Again, for everybody: after the server's container was made anew. */
  connectTenants(server: string): Promise<void>
  /** Databases of the minion on the server, with their accounts, but for `keep`. */
  drop(minion: string, server: string, keep?: string): Promise<void>
  /** One database with its account. */
  dropOne(server: string, database: string): Promise<void>
  has(server: string, database: string): Promise<boolean>
  /** A name on the server that no database of the minion has. */
  freeName(minion: string, server: string): Promise<string>
  /** Minions that use the server, as wished or as they run. */
  tenants(server: string): string[]
  /** The server goes when nobody uses it any more. */
  release(server: string): void
  list(): Promise<DatabaseServer[]>
}
