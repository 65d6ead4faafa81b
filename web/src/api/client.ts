/** The only place that sends requests. Same origin, JSON, cookies of the session; every failure is an ApiError. */
import { ApiError, troubleFrom, UNREACHABLE } from './problem.ts'

export const API = '/api/v1'

interface Options {
  headers?: Record<string, string>
  signal?: AbortSignal
}

let onConfirm: (() => Promise<boolean>) | undefined
/** Powerful changes ask who it is once more: answers whether the person has shown it. */
export function whenConfirming(ask: () => Promise<boolean>): void {
  onConfirm = ask
}

let onSignedOut: (() => void) | undefined
/** The session tells what to do when it has ended. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener
}

export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  { headers = {}, signal }: Options = {},
): Promise<T> {
  const answer = await send(`${API}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  })
  if (answer.status === 204) return undefined as T
  const text = await answer.text()
  const value = parsed(text)
  if (answer.ok) return value as T
  const error = refusal(answer.status, value)
  const { code } = error.trouble
  if (code === 'auth.confirm' && onConfirm && (await onConfirm()))
    return call(method, path, body, { headers, ...(signal ? { signal } : {}) })
  throw error
}

/** A fetch whose network failures are ApiErrors too. */
export async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { credentials: 'same-origin', cache: 'no-store', ...init })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ApiError(UNREACHABLE)
  }
}

export function refusal(status: number, body: unknown): ApiError {
  const error = new ApiError(troubleFrom(status, body))
  if (error.trouble.code === 'auth.required') onSignedOut?.()
  return error
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

export const get = <T>(path: string, options?: Options) => call<T>('GET', path, undefined, options)
export const post = <T>(path: string, body?: unknown, options?: Options) =>
  call<T>('POST', path, body, options)
export const put = <T>(path: string, body?: unknown, options?: Options) => call<T>('PUT', path, body, options)
export const patch = <T>(path: string, body?: unknown, options?: Options) =>
  call<T>('PATCH', path, body, options)
export const remove = <T>(path: string, options?: Options) => call<T>('DELETE', path, undefined, options)
export const part = encodeURIComponent
