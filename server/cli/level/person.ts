/** A browser without a screen: speaks to the proxy of this machine under the minion's public name. */
import { request as secure } from 'node:https'
import { http } from '../../node-http.ts'
import type { Person, Reply } from './steps.ts'

const TIMEOUT_MS = 60_000

export function createPerson(url: URL): Person {
  const cookies = new Map<string, string>()
  const plain = url.protocol === 'http:'
  return {
    send: (method, path, headers, body) =>
      new Promise<Reply>((resolve, reject) => {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
        const options = {
          host: '127.0.0.1',
          port: Number(url.port || (plain ? 80 : 443)),
          method,
          path,
          agent: false as const,
          timeout: TIMEOUT_MS,
          headers: {
            host: url.host,
            ...(cookie === '' ? {} : { cookie }),
            ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
            ...headers,
          },
        }
        // The certificate was proven by the summon; here the way leads to this machine in any case.
        const sent = plain
          ? http.request(options)
          : secure({ ...options, servername: url.hostname, rejectUnauthorized: false })
        sent.once('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer`)))
        sent.once('error', reject)
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
        sent.end(body)
      }),
  }
}
