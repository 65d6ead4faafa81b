/** A dump: the hot logical export of one database, as one file that says what it is. Names and types; pure. */
import { Type, type Static } from 'typebox'
import { SummonerError } from '../errors.ts'
import type { StepContext } from '../jobs/job.ts'

export const DUMP_ENGINES = ['mariadb', 'mysql', 'postgres', 'mongodb', 'redis', 'sqlite'] as const
export type DumpEngine = (typeof DUMP_ENGINES)[number]

/** Other names that templates and images use for the same thing. */
const ALIASES: Record<string, DumpEngine> = {
  postgresql: 'postgres',
  mongo: 'mongodb',
  valkey: 'redis',
}

/** What stands at the end of every dump file, about the bytes before it. */
export const DumpLabelSchema = Type.Object({
  minion: Type.String(),
  service: Type.String(),
  engine: Type.Enum(DUMP_ENGINES),
  database: Type.String(),
  /** When it was begun: what the database held at about that moment. */
  at: Type.String(),
  seconds: Type.Number(),
  /** What the database's own program says of itself. */
  version: Type.String(),
  image: Type.String(),
  imageId: Type.String(),
  /** Without accounts, owners and the database's name: restorable under any name. */
  portable: Type.Boolean(),
  /** Bytes of the export before compression. */
  content: Type.Integer(),
  /** Compressed bytes, which stand at the beginning of the file, and their SHA-256. */
  packed: Type.Integer(),
  packedSha256: Type.String(),
  job: Type.Optional(Type.String()),
})
export type DumpLabel = Static<typeof DumpLabelSchema>

export const DumpRecordSchema = Type.Object({
  ...DumpLabelSchema.properties,
  /** Its name in `data/dumps/<minion>/`. */
  file: Type.String(),
  bytes: Type.Integer({ description: 'size of the file' }),
})
export type DumpRecord = Static<typeof DumpRecordSchema>

/** A dump as it was just written: where it lies, and the SHA-256 of the whole file. */
export interface TakenDump extends DumpRecord {
  path: string
  sha256: string
}

/** What a dump or restore needs of the job step it runs in. */
export type DumpContext = Pick<StepContext, 'jobId' | 'signal' | 'log' | 'progress'>

export const FILE_NAME = '^[a-z0-9][a-zA-Z0-9._-]{0,199}-dump\\.[a-z]{1,10}\\.zst$'

export function engineOf(name: string): DumpEngine {
  const known = DUMP_ENGINES.find((engine) => engine === name) ?? ALIASES[name]
  if (!known)
    throw new SummonerError(
      'dump.unsupported',
      `Nothing here dumps the engine "${name.slice(0, 40)}"; known are ${DUMP_ENGINES.join(', ')}.`,
    )
  return known
}

/** `<minion>-<date>-dump.<ext>`; `part` tells several databases of one minion apart. */
export function fileName(minion: string, at: Date, extension: string, part?: string): string {
  const date = at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')
  const middle = part === undefined ? '' : `-${part.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
  return `${minion}-${date}${middle}-dump.${extension}.zst`
}
