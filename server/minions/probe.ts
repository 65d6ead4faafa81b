/** HTTP questions to a minion: straight to its address, and through the proxy as the public would ask. */
import { request as httpsRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { SummonerError } from '../errors.ts'
import { http } from '../node-http.ts'

const BODY_LIMIT = 256 * 1024

export interface Answer {
  status: number
  body: string
}

export interface ProbeTarget {
  /** Where to connect; the public names may not resolve on this host. */
  address: string
  port: number
  host: string
  path: string
  /** What is trusted now: the certificate may be exchanged while we ask. */
  tls?: { ca(): string[] }
  timeoutMs?: number
}

/** One request, no redirects followed. Network errors reject. */
export function ask({ address, port, host, path, tls, timeoutMs = 5_000 }: ProbeTarget): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      host,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': host,
      'user-agent': 'summoner-health',
    }
    const options = { host: address, port, path, headers, timeout: timeoutMs, agent: false as const }
    const sent = tls
      ? httpsRequest({ ...options, servername: host, ca: tls.ca(), allowPartialTrustChain: true })
      : http.request(options)
    sent.once('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        if (body.length < BODY_LIMIT) body += chunk
      })
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.once('error', reject)
    })
    sent.once('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    sent.once('error', reject)
    sent.end()
  })
}

/** `json` names top-level keys the answer must carry with that value. */
export interface Expectation {
  status: readonly number[] | undefined
  json: Readonly<Record<string, unknown>> | undefined
}

/** Why the answer is not good enough; undefined when it is. Pure. */
export function shortfall({ status, body }: Answer, expected: Expectation): string | undefined {
  const good = expected.status ? expected.status.includes(status) : status >= 200 && status < 400
  if (!good) return `it answered ${status}`
  if (!expected.json) return undefined
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return 'it did not answer JSON'
  }
  for (const [key, wanted] of Object.entries(expected.json)) {
    const actual = (value as Record<string, unknown> | null)?.[key]
    if (JSON.stringify(actual) !== JSON.stringify(wanted)) return `"${key}" is ${JSON.stringify(actual)}`
  }
  return undefined
}

/** Asks again and again, a little slower each time, until the answer is good or the time is up. */
export async function awaitAnswer(
  target: ProbeTarget,
  expected: Expectation,
  {
    withinSeconds,
    signal,
    onTry,
  }: { withinSeconds: number; signal: AbortSignal; onTry?: (why: string) => void },
): Promise<void> {
  const deadline = Date.now() + withinSeconds * 1000
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 2_000)) {
    let why: string | undefined
    try {
      why = shortfall(await ask(target), expected)
    } catch (error) {
      why = (error as Error).message
    }
    if (why === undefined) return
    onTry?.(why)
    signal.throwIfAborted()
    if (Date.now() > deadline)
      throw new SummonerError(
        'minion.unreachable',
        `${target.host}${target.path} is not answered as it should be: ${why}.`,
      )
    await sleep(pause, undefined, { signal })
  }
}
