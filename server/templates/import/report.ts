/** What `summoner import` is given and what it answers. */
import { Type, type Static } from 'typebox'

const PLACE = {
  path: Type.String({ description: 'file of the import, or `docker run` for a command line' }),
  line: Type.Optional(Type.Integer()),
  column: Type.Optional(Type.Integer()),
}

export const ChangeSchema = Type.Object({ ...PLACE, what: Type.String(), why: Type.String() })
export const QuestionSchema = Type.Object({
  id: Type.String({ description: 'the key of its answer, e.g. `web` or `tag:app`' }),
  text: Type.String(),
  options: Type.Optional(Type.Array(Type.String())),
  default: Type.Optional(
    Type.String({ description: 'taken when there is no answer; a question without one waits for you' }),
  ),
  ...PLACE,
})
export const RefusalSchema = Type.Object({
  what: Type.String(),
  why: Type.String(),
  advice: Type.String(),
  grant: Type.Optional(Type.String({ description: 'the name that grants it; absent: cannot be granted' })),
  ...PLACE,
})
export const ImportReportSchema = Type.Object({
  name: Type.String(),
  ok: Type.Boolean({ description: 'nothing refused and no question without a default is open' }),
  changes: Type.Array(ChangeSchema),
  questions: Type.Array(QuestionSchema),
  refusals: Type.Array(RefusalSchema),
  files: Type.Record(Type.String(), Type.String(), { description: 'the template, empty unless ok' }),
})
export const ImportBodySchema = Type.Object(
  {
    files: Type.Record(Type.String({ maxLength: 512 }), Type.String(), {
      description: 'relative path -> text; a binary file as `data:application/octet-stream;base64,…`',
    }),
    entry: Type.Optional(Type.String({ maxLength: 512, description: 'the compose file among them' })),
    run: Type.Optional(Type.String({ maxLength: 65536, description: 'a `docker run` line instead' })),
    name: Type.Optional(Type.String({ maxLength: 128 })),
    dryRun: Type.Optional(Type.Boolean()),
    answers: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 65536 }))),
    grants: Type.Optional(Type.Array(Type.String({ maxLength: 512 }))),
  },
  { additionalProperties: false },
)

export type Change = Static<typeof ChangeSchema>
export type Question = Static<typeof QuestionSchema>
export type Refusal = Static<typeof RefusalSchema>
export type ImportReport = Static<typeof ImportReportSchema>
export type ImportBody = Static<typeof ImportBodySchema>

export interface ImportInput {
  files: Record<string, string>
  entry?: string | undefined
  run?: string | undefined
  name?: string | undefined
  answers: Record<string, string>
  grants: readonly string[]
  /** Builds from distribution packages that the templates share: folders of `minions/.distro`. */
  distros?: readonly string[]
  /** Names of the templates that exist. */
  taken: readonly string[]
}
