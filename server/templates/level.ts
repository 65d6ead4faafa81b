/** How a template is tried for real: requests of a visitor, of the administrator, and of somebody with another password. */
import { Type, type Static } from 'typebox'

const CLOSED = { additionalProperties: false } as const
const Texts = Type.Record(Type.String(), Type.String())

export const LevelStepSchema = Type.Object(
  {
    method: Type.Optional(Type.Enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])),
    path: Type.String({ pattern: '^/' }),
    as: Type.Optional(
      Type.Enum(['nobody', 'wrong', 'account'], {
        description:
          'nobody: without what was kept; wrong: with another password; account: with name and password in the Authorization header',
      }),
    ),
    headers: Type.Optional(Texts),
    form: Type.Optional(Texts),
    json: Type.Optional(Type.Unknown()),
    text: Type.Optional(Type.String()),
    status: Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), { minItems: 1 }),
    contains: Type.Optional(Type.String()),
    lacks: Type.Optional(Type.String()),
    keep: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Z][A-Z0-9_]*$' }), Type.String(), {
        description:
          'name -> regular expression over headers and body; its first group becomes a variable of later steps',
      }),
    ),
  },
  CLOSED,
)
const Steps = Type.Array(LevelStepSchema)

/** Texts may name ${USER}, ${PASSWORD}, ${WORDS} (what is written and read again), ${URL}, ${HOST} and what was kept. */
export const LevelSchema = Type.Object(
  {
    sign_in: Type.Array(LevelStepSchema, {
      minItems: 1,
      description: 'nothing stands open, another password is refused, the account enters',
    }),
    write: Type.Optional(Steps),
    read: Type.Optional(Type.Array(LevelStepSchema, { description: 'in what was summoned again' })),
  },
  CLOSED,
)
export type Level = Static<typeof LevelSchema>
export type LevelStep = Static<typeof LevelStepSchema>
