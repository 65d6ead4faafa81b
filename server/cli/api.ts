/** The daemon's API over the admin socket, or over HTTPS with a token. */
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { getCACertificates } from 'node:tls'
import { http } from '../node-http.ts'
import { Refusal, usageError, type Complaint } from './refusal.ts'
import { parseEvents, type ServerEvent } from './sse.ts'

export type Target = { socketPath: string } | { url: string; token?: string }

export interface Api {
  /** The daemon runs on this machine: paths in its answers are paths here. */
  local: boolean
  call<T>(method: string, path: string, body?: unknown, options?: { timeoutMs?: number }): Promise<T>
  /** A list, answered under its key. */
  list<T>(path: string, key: string, options?: { timeoutMs?: number }): Promise<T[]>
  stream(path: string, options?: { signal?: AbortSignal; lastEventId?: string }): AsyncGenerator<ServerEvent>
}

interface SendOptions {
  headers: Record<string, string>
  timeout?: number
  signal?: AbortSignal
}

const BASE = '/api/v1'
const TIMEOUT_MS = 60_000

export function createApi(target: Target): Api {
  const send = (method: string, path: string, options: SendOptions, body?: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const { run, defaults } = transport(target, path)
      const request = run({
        ...defaults,
        ...options,
        method,
        headers: { ...defaults.headers, ...options.headers },
      })
      request.on('response', resolve)
      request.on('error', (error) => reject(unreachable(error, target)))
      request.on('timeout', () =>
        request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })),
      )
      request.end(body)
    })
  const call = async <T>(method: string, path: string, body?: unknown, options?: { timeoutMs?: number }) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers: Record<string, string> =
      text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
    const response = await send(method, path, { timeout: options?.timeoutMs ?? TIMEOUT_MS, headers }, text)
    return (await bodyOf(response, target)) as T
  }
  return {
    local: 'socketPath' in target,
    call,
    list: async <T>(path: string, key: string, options?: { timeoutMs?: number }) =>
      (await call<Record<string, T[]>>('GET', path, undefined, options))[key] ?? [],
    stream: async function* (path, options = {}) {
      const response = await send('GET', path, {
        headers: {
          accept: 'text/event-stream',
          ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
        },
        ...(options.signal ? { signal: options.signal } : {}),
      })
      if (response.statusCode !== 200) {
        await bodyOf(response, target)
        return
      }
      response.setEncoding('utf8')
      try {
        for await (const message of parseEvents(response)) {
          if (message.event === 'problem') throw new Refusal(JSON.parse(message.data) as Complaint)
          yield message
        }
      } catch (error) {
        throw unreachable(error, target)
      } finally {
        response.destroy()
      }
    },
  }
}

function transport(target: Target, path: string) {
  if ('socketPath' in target)
    return {
      run: http.request,
      defaults: { socketPath: target.socketPath, path: BASE + path, headers: { host: 'localhost' } },
    }
  const url = remoteUrl(BASE + path, target.url)
  const headers: Record<string, string> = target.token ? { authorization: `Bearer ${target.token}` } : {}
  const defaults = {
    host: url.hostname,
    port: url.port,
    path: url.pathname + url.search,
    headers,
  }
  if (url.protocol === 'http:') return { run: http.request, defaults }
  // The box's internal root lies in the system's store, which Node does not read by itself.
  const ca = [...getCACertificates('default'), ...getCACertificates('system')]
  return { run: httpsRequest, defaults: { ...defaults, ca } }
}

/** A token goes over HTTPS, or stays on this machine. */
function remoteUrl(path: string, base: string): URL {
  const url = URL.canParse(path, base) ? new URL(path, base) : undefined
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '')
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && here)) return url
  throw usageError('SUMMONER_URL is not the address of a box', 'Write it like https://summoner.example.org.')
}

async function bodyOf(response: IncomingMessage, target: Target): Promise<unknown> {
  response.setEncoding('utf8')
  let text = ''
  try {
    for await (const chunk of response) text += chunk as string
  } catch (error) {
    throw unreachable(error, target)
  }
  const status = response.statusCode ?? 0
  const value = parsed(text)
  if (status >= 200 && status < 300) return value
  const problem = (typeof value === 'object' && value !== null ? value : {}) as Partial<Complaint>
  throw new Refusal({ ...problem, status, title: problem.title ?? `The daemon answered ${status}` })
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return text
  }
}

/** True for errors that pass when the daemon is back. */
export const isUnreachable = (error: unknown) =>
  error instanceof Refusal && error.complaint.code === 'daemon.unreachable'

function unreachable(error: unknown, target: Target): unknown {
  if (error instanceof Refusal) return error
  const { code, message, name } = error as NodeJS.ErrnoException
  if (name === 'AbortError') return error
  if ('url' in target)
    return new Refusal({
      code: 'daemon.unreachable',
      title: `Summoner does not answer at ${target.url}`,
      detail: message,
      hint: 'Check SUMMONER_URL, and that the server is up.',
    })
  if (code === 'EACCES' || code === 'EPERM')
    return new Refusal({
      code: 'daemon.refused',
      title: 'You may not talk to the Summoner daemon',
      detail: 'Only root and members of the group `summoner` may use this command here.',
      hint: 'Use sudo, or `sudo usermod -aG summoner $USER` and sign in again.',
    })
  return new Refusal({
    code: 'daemon.unreachable',
    title: 'The Summoner daemon does not answer',
    detail:
      code === 'ENOENT' || code === 'ECONNREFUSED'
        ? `It is not running: nobody listens at ${target.socketPath}.`
        : message,
    hint: 'See `systemctl status summoner`, start it with `sudo systemctl start summoner` (without systemd: `npm start` as root in the checkout).',
  })
}
