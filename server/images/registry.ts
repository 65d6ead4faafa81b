/** Asks a registry whether it speaks, through the host's proxy and with the host's authorities. */
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, get as httpsGet } from 'node:https'
import { rootCertificates } from 'node:tls'
import type { Environment } from '../config/environment.ts'
import { http } from '../node-http.ts'

const TIMEOUT_MS = 5_000

export function createRegistryProbe(network: Environment['network']) {
  const proxyEnv = {
    ...(network.httpProxy ? { http_proxy: network.httpProxy } : {}),
    ...(network.httpsProxy ? { https_proxy: network.httpsProxy } : {}),
    ...(network.noProxy ? { no_proxy: network.noProxy } : {}),
  }

  /** 200, or 401 with the question for a token, is a registry; a captive portal or a proxy's own page is not. */
  return (registry: string): Promise<boolean> =>
    new Promise((resolve) => {
      const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
      // The engine, too, speaks plain HTTP to a registry of the machine itself.
      const plain = /^(localhost|127\.[\d.]+)(:\d+)?$/.test(host)
      const options = { timeout: TIMEOUT_MS, signal: AbortSignal.timeout(TIMEOUT_MS) }
      const answered = (response: IncomingMessage) => {
        response.resume()
        resolve(response.statusCode === 200 || response.statusCode === 401)
      }
      const request = plain
        ? http.get(`http://${host}/v2/`, { ...options, agent: new http.Agent({ proxyEnv }) }, answered)
        : httpsGet(
            `https://${host}/v2/`,
            { ...options, agent: new HttpsAgent({ proxyEnv, ca: authorities(network.caBundle) }) },
            answered,
          )
      request.on('error', () => resolve(false))
    })
}

function authorities(bundle: string | undefined): string[] {
  try {
    return bundle ? [...rootCertificates, readFileSync(bundle, 'utf8')] : [...rootCertificates]
  } catch {
    return [...rootCertificates]
  }
}
