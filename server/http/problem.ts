/** Every error leaves as RFC 9457 problem+json from the catalogue; what is not ours is translated here. */
import type { FastifyError, FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { asSummonerError, SummonerError, type Problem } from '../errors.ts'
import { invalidInput } from './validation.ts'

const PlaceProperties = {
  path: Type.Optional(Type.String({ description: 'File, or key path in the document.' })),
  line: Type.Optional(Type.Integer()),
  column: Type.Optional(Type.Integer()),
}

/** The body of every answer that is not a success. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'urn:summoner:problem:<code>' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable; programs branch on it.' }),
    detail: Type.String({ description: 'What happened and why, for people.' }),
    hint: Type.String({ description: 'What to do.' }),
    ...PlaceProperties,
    errors: Type.Optional(
      Type.Array(
        Type.Object({ detail: Type.String(), hint: Type.Optional(Type.String()), ...PlaceProperties }),
      ),
    ),
  },
  { title: 'Problem' },
)

export function toProblemError(error: unknown): SummonerError {
  if (error instanceof SummonerError) return error
  const { validation, validationContext, code, statusCode = 500 } = error as Partial<FastifyError>
  if (validation) return invalidInput(validation, validationContext)
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new SummonerError('request.too-large', 'The body is larger than this address accepts.')
  if (statusCode === 415) return contentTypeRefused()
  if (statusCode === 429) return tooMany()
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH')
    return new SummonerError('request.malformed', 'The address cannot be read.', {
      hint: 'Correct the address.',
    })
  if (code?.startsWith('FST_ERR_CTP') && statusCode === 400)
    return new SummonerError('request.malformed', 'The body is not valid JSON.')
  return asSummonerError(error)
}

export const contentTypeRefused = () =>
  new SummonerError('request.type', 'Only application/json in UTF-8 is accepted here.')

export const tooMany = () => new SummonerError('request.rate', 'This client was refused too often.')

/** As text, so that no response schema of the route can cut it. */
export function sendProblem(
  reply: Pick<FastifyReply, 'code' | 'header' | 'type' | 'send'>,
  error: SummonerError,
): void {
  const problem: Problem = error.toProblem()
  reply.code(problem.status).type('application/problem+json').header('cache-control', 'no-store')
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="summoner"')
  if (problem.status === 429) reply.header('retry-after', '60')
  reply.send(JSON.stringify(problem))
}
