import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'

/** As a visitor who trusts only the given roots: what answered, or why nothing did. */
export const visitTrusting = (
  host: string,
  port: number,
  ca: string,
  path = '/index.html',
): Promise<{ status: number; serial: string }> =>
  new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      servername: host,
      ca,
      agent: false as const,
      headers: { host },
    }
    const sent = request({ ...options, path }, (response) => {
      const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate()
      response.resume()
      response.once('end', () => resolve({ status: response.statusCode ?? 0, serial: serialNumber }))
    })
    sent.once('error', reject)
    sent.end()
  })
