/** The engine's failures in the catalogue's words. */
import { SummonerError, type ErrorCode } from '../errors.ts'

interface EngineFailure {
  statusCode?: number
  code?: string
  message?: string
  json?: { message?: string }
}

export function engineError(error: unknown, doing: string): SummonerError {
  if (error instanceof SummonerError) return error
  const failure = error as EngineFailure
  const said = failure.json?.message ?? failure.message ?? String(error)
  return new SummonerError(codeOf(failure, said), `${doing}: ${said}`, { cause: error })
}

function codeOf(failure: EngineFailure, said: string): ErrorCode {
  if (['ECONNREFUSED', 'ENOENT', 'EACCES', 'ECONNRESET', 'EPIPE'].includes(failure.code ?? ''))
    return 'engine.unreachable'
  return codeOfWords(said) ?? (failure.statusCode === 404 ? 'engine.missing' : 'engine.failed')
}

/** What a program says when the host, not the request, is at fault. */
export function codeOfWords(said: string): ErrorCode | undefined {
  if (/cannot connect to the docker daemon|error during connect/i.test(said)) return 'engine.unreachable'
  if (/no space left on device/i.test(said)) return 'disk.full'
  if (/input\/output error/i.test(said)) return 'disk.failing'
  if (/read-only file system/i.test(said)) return 'disk.readonly'
  if (/port is already allocated|address already in use/i.test(said)) return 'port.taken'
  return undefined
}

/** undefined where the engine says 404: the thing went away between two questions. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (
      (error as { statusCode?: number }).statusCode === 404 ||
      (error instanceof SummonerError && error.code === 'engine.missing')
    )
      return undefined
    throw error
  }
}
