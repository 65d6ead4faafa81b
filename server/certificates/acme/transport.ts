/**
 * HTTP to ACME servers. In place of the library's own: a private server is trusted by its own CA bundle, a refusal keeps
 * its Retry-After instead of being slept through, and a lost connection keeps its reason.
 */
import type { IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { getCACertificates } from 'node:tls'
import { http } from '../../node-http.ts'

const TIMEOUT_MS = 30_000
const BODY_LIMIT = 1024 * 1024
/** Long enough for the link that lifts the pause of an account. */
const DETAIL_LIMIT = 2_000

export interface AcmeRequest {
  url: string
  method?: string
  headers?: Record<string, string>
  body?: string
}

export interface AcmeResponse {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

/** The server does not answer now, or does not want to. */
export class AcmeBusy extends Error {
  readonly retryAfter: Date | undefined

  constructor(message: string, retryAfter: Date | undefined) {
    super(message)
    this.retryAfter = retryAfter
  }
}

export interface TransportDeps {
  /** PEM of further roots for this server. */
  ca: string | undefined
  proxy: { httpProxy?: string; httpsProxy?: string; noProxy?: string }
  now(): Date
}

export type Transport = (request: AcmeRequest) => Promise<AcmeResponse>

export function createTransport({ ca, proxy, now }: TransportDeps): Transport {
  const agent = new Agent({
    ca: ca === undefined ? undefined : [...getCACertificates('default'), ca],
    proxyEnv: {
      ...(proxy.httpProxy ? { HTTP_PROXY: proxy.httpProxy } : {}),
      ...(proxy.httpsProxy ? { HTTPS_PROXY: proxy.httpsProxy } : {}),
      ...(proxy.noProxy ? { NO_PROXY: proxy.noProxy } : {}),
    },
  })
  return async (request) => {
    const response = await send(request, agent)
    const retryAfter = retryAfterOf(response.headers['retry-after'], now())
    if (response.status === 429 || response.status === 503)
      throw new AcmeBusy(
        `${new URL(request.url).host} answered ${response.status}: ${detailOf(response.body)}`,
        retryAfter,
      )
    return response
  }
}

function send({ url, method = 'GET', headers = {}, body }: AcmeRequest, agent: Agent): Promise<AcmeResponse> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      // RFC 8555 §6.1: a request without one is refused
      headers: {
        'user-agent': 'Summoner',
        ...headers,
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
      timeout: TIMEOUT_MS,
    }
    const { protocol, host } = new URL(url)
    const sent = protocol === 'https:' ? httpsRequest(url, { ...options, agent }) : http.request(url, options)
    const fail = (error: Error) =>
      reject(new AcmeBusy(`${host} cannot be reached: ${error.message}`, undefined))
    sent.once('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (text.length > BODY_LIMIT) response.destroy(new Error('the answer is too long'))
      })
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
      response.once('error', fail)
    })
    sent.once('timeout', () => sent.destroy(new Error('no answer in time')))
    sent.once('error', fail)
    sent.end(body)
  })
}

/** Seconds or a date. */
export function retryAfterOf(value: string | undefined, now: Date): Date | undefined {
  if (value === undefined) return undefined
  const seconds = /^[0-9]{1,9}$/.test(value) ? Number(value) : NaN
  const at = Number.isNaN(seconds) ? Date.parse(value) : now.getTime() + seconds * 1000
  return Number.isNaN(at) ? undefined : new Date(at)
}

export function detailOf(body: string): string {
  try {
    const problem = JSON.parse(body) as { detail?: unknown; type?: unknown }
    if (typeof problem.detail === 'string') return problem.detail.slice(0, DETAIL_LIMIT)
  } catch {
    // not a problem document
  }
  return body.slice(0, 200)
}
