// Registers the webhooks in an integration of their own; run by node inside the container. A second run replaces them.
import { request } from 'node:http'

const { HOOK_URL, HOOK_SECRET, OWNER_EMAIL, OWNER_PASSWORD, url } = process.env
const NAME = 'Summoner'
const EVENTS = [
  ...['post', 'page'].flatMap((thing) =>
    ['published', 'published.edited', 'unpublished', 'scheduled', 'deleted'].map(
      (done) => `${thing}.${done}`,
    ),
  ),
  'member.added',
  'member.deleted',
]
const site = new URL(url)

function ask(method, path, body, cookie) {
  const data = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const headers = {
      host: site.host,
      'x-forwarded-proto': site.protocol.slice(0, -1),
      origin: site.origin,
      ...(cookie ? { cookie } : {}),
      ...(data ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(data) } : {}),
    }
    const options = {
      host: '127.0.0.1',
      port: 2368,
      method,
      path: `/ghost/api/admin${path}`,
      headers,
      timeout: 30_000,
    }
    const call = request(options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part) => (text += part))
      response.on('end', () => {
        const cookies = (response.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ')
        if (response.statusCode >= 300)
          return reject(new Error(`${method} ${path} answered ${response.statusCode}: ${text.slice(0, 300)}`))
        resolve({ cookies, json: text.startsWith('{') ? JSON.parse(text) : {} })
      })
    })
    call.on('timeout', () => call.destroy(new Error(`${path} did not answer in time`)))
    call.on('error', reject)
    call.end(data)
  })
}

try {
  const { cookies } = await ask('POST', '/session/', { username: OWNER_EMAIL, password: OWNER_PASSWORD })
  const call = (method, path, body) => ask(method, path, body, cookies)
  try {
    const { json: before } = await call('GET', '/integrations/?limit=all')
    const { json: made } = await call('POST', '/integrations/', { integrations: [{ name: NAME }] })
    const id = made.integrations[0].id
    for (const event of EVENTS)
      await call('POST', '/webhooks/', {
        webhooks: [
          { event, name: event, target_url: `${HOOK_URL}/${event}`, secret: HOOK_SECRET, integration_id: id },
        ],
      })
    // the former ones go last: nothing is missed meanwhile
    for (const old of before.integrations)
      if (old.name === NAME) await call('DELETE', `/integrations/${old.id}/`)
  } finally {
    await call('DELETE', '/session/')
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
