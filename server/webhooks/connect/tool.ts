/** One minion to register in: questions to its own address, straight from this host, and programs inside its container. */
import type { IncomingHttpHeaders } from 'node:http'
import type { ExecResult } from '../../docker/container.ts'
import { SummonerError } from '../../errors.ts'
import { http } from '../../node-http.ts'

export interface Question {
  json?: unknown
  form?: Record<string, string>
  headers?: Record<string, string>
}

export interface Answer {
  headers: IncomingHttpHeaders
  /** Undefined when it was no JSON. */
  body: unknown
}

export interface Tool {
  /** Rejects with what the tool said unless that is a 2xx. */
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, question?: Question): Promise<Answer>
  /** Secrets travel in the environment, never in arguments. Rejects unless it ends well. */
  run(argv: readonly string[], options: RunOptions): Promise<void>
}

export interface RunOptions {
  user?: string
  env?: Record<string, string>
  timeoutMs?: number
}

export interface ToolDeps {
  /** `address:port` of its web service on our own network. */
  upstream: string
  /** As the public knows it. */
  site: string
  container: { id: string; name: string }
  execIn(
    id: string,
    argv: readonly string[],
    options: { env?: Record<string, string>; user?: string; timeoutMs?: number },
  ): Promise<ExecResult>
}

const LONGEST = 4 * 1024 * 1024
const PATIENCE_MS = 60_000
const HINT =
  'Was the first password changed? Then register the hook by hand: `summoner hooks rotate` shows the address and the steps.'

export function createTool({ upstream, site, container, execIn }: ToolDeps): Tool {
  const { host, hostname, protocol } = new URL(site)
  const separator = upstream.lastIndexOf(':')
  const [address, port] = [upstream.slice(0, separator), Number(upstream.slice(separator + 1))]

  return {
    ask: (method, path, { json, form, headers = {} } = {}) =>
      new Promise((resolve, reject) => {
        const [text, type] =
          json !== undefined
            ? [JSON.stringify(json), 'application/json']
            : form
              ? [new URLSearchParams(form).toString(), 'application/x-www-form-urlencoded']
              : []
        const refused = (why: string) => {
          const asked = `${method} ${path.split('?', 1)[0]}`
          reject(new SummonerError('hook.connect', `${container.name}: ${asked} ${why}`, { hint: HINT }))
        }
        const sent = http.request({
          host: address,
          port,
          method,
          path,
          agent: false,
          timeout: PATIENCE_MS,
          headers: {
            host: hostname,
            'x-forwarded-host': host,
            'x-forwarded-proto': protocol.slice(0, -1),
            accept: 'application/json',
            'user-agent': 'Summoner',
            ...(text === undefined
              ? {}
              : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
            ...headers,
          },
        })
        sent.once('response', (response) => {
          let said = ''
          response.setEncoding('utf8').on('data', (part: string) => {
            said += part
            if (said.length > LONGEST) sent.destroy(new Error('it said too much'))
          })
          response.once('end', () => {
            const status = response.statusCode ?? 0
            if (status < 200 || status > 299) return refused(`answered ${status}: ${said.slice(0, 300)}`)
            resolve({ headers: response.headers, body: parsed(said) })
          })
          response.once('error', (error) => refused(error.message))
        })
        sent.once('timeout', () => sent.destroy(new Error('no answer in time')))
        sent.once('error', (error) => refused(error.message))
        sent.end(text)
      }),

    async run(argv, { timeoutMs = 120_000, ...options }) {
      const { code, stdout, stderr } = await execIn(container.id, argv, { ...options, timeoutMs })
      if (code === 0) return
      const said = (stderr.trim() || stdout.trim()).slice(-500)
      throw new SummonerError('hook.connect', `${container.name} said: ${said || `exit code ${code}`}`, {
        hint: HINT,
      })
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
