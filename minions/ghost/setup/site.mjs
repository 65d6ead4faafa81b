// Speaks to Ghost inside its container as the proxy would: with the public host name, over "HTTPS".
import { request } from 'node:http'

export function siteApi(method, path, body, cookie) {
  const site = new URL(process.env.url)
  const data = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port: 2368,
        method,
        path,
        timeout: 30_000,
        headers: {
          Host: site.host,
          'X-Forwarded-Proto': site.protocol.slice(0, -1),
          Origin: site.origin,
          ...(cookie ? { Cookie: cookie } : {}),
          ...(data === undefined
            ? {}
            : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(data) }),
        },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part) => (text += part))
        response.on('end', () => resolve({ status: response.statusCode, text, cookie: cookieOf(response) }))
        response.on('error', reject)
      },
    )
    call.on('timeout', () => call.destroy(new Error(`${path} did not answer in time`)))
    call.on('error', reject)
    call.end(data)
  })
}

const cookieOf = (response) =>
  (response.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ')
