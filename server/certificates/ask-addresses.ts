/** Asks every address of a name for a file that only this server has, as an ACME server does. */
import { randomBytes } from 'node:crypto'
import { chmod, rm, writeFile } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { http } from '../node-http.ts'

const TIMEOUT_MS = 5_000
const MOST_ADDRESSES = 8
/** From HTTP to HTTPS, from there to another name; an ACME server follows ten. */
const REDIRECTS = 3

/** `other`: somebody answers, but not with our file. */
export type AddressAnswer = 'ours' | 'other' | 'silent'

interface AskInput {
  /** Folder that nginx serves at /.well-known/acme-challenge/. */
  dir: string
  port?: number
  timeoutMs?: number
}

export async function askAddresses(
  host: string,
  addresses: readonly string[],
  { dir, port = 80, timeoutMs = TIMEOUT_MS }: AskInput,
): Promise<Map<string, AddressAnswer>> {
  const token = `preflight-${randomBytes(12).toString('hex')}`
  const file = join(dir, token)
  await writeFile(file, token)
  // whatever the umask of the daemon: nginx's workers are not root
  await chmod(file, 0o644)
  const url = new URL(`http://${host}:${port}/.well-known/acme-challenge/${token}`)
  try {
    const asked = addresses.slice(0, MOST_ADDRESSES).map(async (address) => {
      const body = await ask(url, address, { timeoutMs, redirects: REDIRECTS })
      return [address, body === undefined ? 'silent' : body === token ? 'ours' : 'other'] as const
    })
    return new Map(await Promise.all(asked))
  } finally {
    await rm(file, { force: true })
  }
}

interface How {
  timeoutMs: number
  redirects: number
}

/** What it says; undefined when nobody does. */
function ask(url: URL, address: string, { timeoutMs, redirects }: How): Promise<string | undefined> {
  return new Promise((resolve) => {
    const secure = url.protocol === 'https:'
    const options = {
      host: address,
      family: isIPv6(address) ? 6 : 4,
      port: url.port || (secure ? 443 : 80),
      path: url.pathname + url.search,
      headers: { host: url.host },
      timeout: timeoutMs,
      agent: false as const,
    }
    // an ACME server does not mind the certificate either: it is what is about to be made
    const sent = secure
      ? httpsRequest({ ...options, servername: url.hostname, rejectUnauthorized: false })
      : http.request(options)
    sent.once('response', (response) => {
      const next = locationOf(url, response.headers.location)
      if (next && redirects > 0 && (response.statusCode ?? 0) >= 300 && (response.statusCode ?? 0) < 400) {
        response.resume()
        // another name is another matter: only what this address leads to itself is followed
        if (next.hostname === url.hostname)
          return resolve(ask(next, address, { timeoutMs, redirects: redirects - 1 }))
      }
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body = (body + chunk).slice(0, 1024)))
      response.once('end', () => resolve(body))
      response.once('error', () => resolve(undefined))
    })
    sent.once('timeout', () => sent.destroy())
    sent.once('error', () => resolve(undefined))
    sent.once('close', () => resolve(undefined))
    sent.end()
  })
}

function locationOf(from: URL, location: string | undefined): URL | undefined {
  if (location === undefined || !URL.canParse(location, from.href)) return undefined
  const url = new URL(location, from)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}
