/** A browser for a test: one host, through nginx, keeping its cookies. */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import type { Box } from './box.ts'

export interface Page {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

export interface Visitor {
  host: string
  /** `https://<host>:<port>` */
  origin: string
  /** Somebody else, without these cookies. */
  another(): Visitor
  get(path: string, headers?: Record<string, string>): Promise<Page>
  /** An object is sent as a form, a string as it is. */
  post(path: string, body: Record<string, string> | string, headers?: Record<string, string>): Promise<Page>
  send(method: string, path: string, body?: string, headers?: Record<string, string>): Promise<Page>
}

export function createVisitor(box: Box, host: string): Visitor {
  const cookies = new Map<string, string>()
  const send: Visitor['send'] = (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const sent = request({
        host: '127.0.0.1',
        port: box.httpsPort,
        servername: host,
        ca: readFileSync(`${box.data}/certificates/internal/root.pem`),
        method,
        path,
        agent: false,
        timeout: 60_000,
        headers: {
          host: `${host}:${box.httpsPort}`,
          ...(cookie === '' ? {} : { cookie }),
          ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      })
      sent.once('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer`)))
      sent.once('response', (response) => {
        for (const line of response.headers['set-cookie'] ?? []) {
          const [pair = ''] = line.split(';')
          const [name = '', ...value] = pair.split('=')
          if (/;\s*max-age=0/i.test(line) || value.join('=') === 'deleted') cookies.delete(name)
          else cookies.set(name, value.join('='))
        }
        let all = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (all += chunk))
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: all }),
        )
        response.once('error', reject)
      })
      sent.once('error', reject)
      sent.end(body)
    })
  return {
    host,
    origin: `https://${host}:${box.httpsPort}`,
    another: () => createVisitor(box, host),
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers = {}) =>
      typeof body === 'string'
        ? send('POST', path, body, headers)
        : send('POST', path, new URLSearchParams(body).toString(), {
            'content-type': 'application/x-www-form-urlencoded',
            ...headers,
          }),
  }
}

/** The value of a hidden field of a form. */
export function hidden(html: string, name: string): string {
  const escaped = name.replace(/[[\]]/g, '\\$&')
  for (const [field] of html.matchAll(/<input\b[^>]*>/g)) {
    if (!new RegExp(`name=["']${escaped}["']`).test(field)) continue
    return /value=["']([^"']*)["']/.exec(field)?.[1]?.replaceAll('&amp;', '&') ?? ''
  }
  throw new Error(`no field "${name}" in:\n${html.slice(0, 2000)}`)
}
