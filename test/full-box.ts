/** A box with something on every page: minions that run, rest and fail, copies, senders, recipes, people. */
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { backUp } from './backup-box.ts'
import { createBox, type Box } from './box.ts'

export const PASSWORD = 'ripe plums over the harbour 41'

/** Makes the first administrator as a visitor does, and signs in. */
export async function begin(box: Box, page: Page): Promise<void> {
  const { body } = await box.api<{ url: string }>('POST', '/setup-link')
  await page.goto(body.url)
  await page.locator('input[name=username]').fill('zoe')
  await page.locator('input[name=password]').fill(PASSWORD)
  await page.locator('form button[type=submit]').click()
  await page.locator('.frame').waitFor()
  await box.api('POST', '/users', { name: 'vera', role: 'viewer' })
}

export async function createFullBox() {
  const chat = createServer((received, response) => {
    received.resume()
    received.on('end', () => response.writeHead(received.url === '/gone' ? 404 : 200).end('ok'))
  })
  await new Promise<void>((resolve) => chat.listen(0, '127.0.0.1', resolve))
  const { port } = chat.address() as AddressInfo
  const box = await createBox({
    templates: ['hello', 'ledger'],
    catalogue: readdirSync(join(import.meta.dirname, '../minions')),
    config: '  applications: []\n  outgoing: {allow: [127.0.0.1]}\n',
  })
  await box.apply()
  const minions = {
    site: box.name('site'),
    hello: box.name('hello'),
    broken: box.name('broken'),
    ledger: box.name('ledger'),
  }
  await box.run('POST', '/minions', { template: 'statik', name: minions.site })
  await box.run('POST', '/minions', { template: 'hello', name: minions.hello })
  await box.run('POST', '/minions', { template: 'statik', name: minions.broken })
  await box.run('POST', '/minions', { template: 'ledger', name: minions.ledger, database: 'shared' })
  await backUp(box, minions.site)
  const { id } = await backUp(box, minions.hello)
  await box.run('POST', `/backups/${id}/prove`)
  await box.run('POST', `/minions/${minions.broken}/stop`)
  const made = async <T>(path: string, body: object, method = 'POST'): Promise<T> => {
    const answer = await box.api<T>(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const source = await made<{ url: string }>('/sources', { name: 'deploys', type: 'generic' })
  for (const [name, path] of [
    ['team', '/hooks/team'],
    ['attic', '/gone'],
  ] as const) {
    await made(`/secrets/${name}-url`, { value: `http://127.0.0.1:${port}${path}` }, 'PUT')
    await made(`/channels/${name}`, { mattermost: { url: { secret: `${name}-url` } } }, 'PUT')
    await made('/recipes', {
      recipe: {
        name: `tell-${name}`,
        on: { source: 'deploys', type: 'deploy.done' },
        do: [{ post: { channel: name, text: '{{ event.title }}' } }],
      },
    })
  }
  await made('/tokens', { name: 'pipeline', role: 'operator' })
  await sendHook(box, source.url, { type: 'deploy.done', title: 'shop 2.4 is deployed' })
  return {
    ...box,
    minions,
    set: id,
    source: source.url,
    template: 'wordpress',
    async remove() {
      await box.remove()
      chat.closeAllConnections()
      chat.close()
    },
  }
}

export type FullBox = Awaited<ReturnType<typeof createFullBox>>

/** As a tool on the internet sends it. */
export const sendHook = (box: Pick<Box, 'httpsPort'>, url: string, body: object): Promise<number> =>
  new Promise((resolve, reject) => {
    const { host, hostname, pathname } = new URL(url)
    const sent = request(
      {
        host: '127.0.0.1',
        port: box.httpsPort,
        servername: hostname,
        path: pathname,
        method: 'POST',
        agent: new Agent({ rejectUnauthorized: false }),
        headers: { host, 'content-type': 'application/json' },
      },
      (response) => {
        response.resume()
        response.once('end', () => resolve(response.statusCode ?? 0))
      },
    )
    sent.once('error', reject)
    sent.end(JSON.stringify(body))
  })
