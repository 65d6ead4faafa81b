/**
 * Every page as each role, with every button pressed: nothing is offered that the daemon would refuse. And what strangers
 * may write (titles, lines, names, files) is text wherever it is shown; the pages of minions next door reach nothing.
 */
import t from 'tap'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { allows, type Role } from '../server/http/roles.ts'
import { backUp, volumeOf } from './backup-box.ts'
import { engine } from './box.ts'
import { openBrowser } from './browser.ts'
import { composedFor } from './composed.ts'
import { pagesOf, settled } from './every-page.ts'
import { begin, createFullBox, PASSWORD, sendHook } from './full-box.ts'

/** Runs where it is taken for markup, in an element or in an attribute. */
const HOSTILE = `"><img src=x onerror=window.owned=1><svg onload=window.owned=1>`
const FILE_NAME = `"><img src=x onerror=window.owned=1>`

t.setTimeout(600_000)
const box = await createFullBox()
t.teardown(() => box.remove())
const composed = await composedFor(box, t.testdir())
t.teardown(() => composed.close())
const browser = await openBrowser(box, 'roles')
t.teardown(() => browser.close())
const zoe = await browser.person()
await begin(box, zoe)

const routes = composed.declaredRoutes.map(({ method, url, config }) => ({
  method: String(method),
  pattern: new RegExp(`^${url.replaceAll(/[.]/g, '\\.').replaceAll(/:\w+/g, '[^/]+')}$`),
  role: config?.role ?? 'public',
}))
function neededFor(method: string, path: string): Role | 'public' {
  const found = routes.find((route) => route.method === method && route.pattern.test(path))
  if (!found) throw new Error(`${method} ${path} is no route`)
  return found.role
}

/** Presses what can be pressed, and what that opens; nothing that is sent arrives. */
async function pressAll(page: Page): Promise<number> {
  let pressed = 0
  const press = async (one: Locator) => {
    const ready = (await one.isVisible().catch(() => false)) && (await one.isEnabled().catch(() => false))
    if (!ready) return
    pressed++
    await one.click({ timeout: 2_000, noWaitAfter: true }).catch(() => {})
    await page.waitForTimeout(30)
  }
  const at = page.url()
  const count = await page.locator('main button').count()
  for (let index = 0; index < count; index++) {
    await press(page.locator('main button').nth(index))
    const opened = page.locator('dialog button, [role=menu] [role^=menuitem]')
    const inside = await opened.count()
    for (let inner = 0; inner < inside; inner++) {
      // a menu closes with each choice, a dialog with most
      if ((await opened.count()) === 0) await press(page.locator('main button').nth(index))
      await press(opened.nth(inner))
    }
    for (let step = 0; step < 3 && (await page.locator('dialog, [role=menu]').count()) > 0; step++)
      await page.keyboard.press('Escape')
    if (page.url() !== at) {
      await page.goto(at)
      await settled(page)
    }
  }
  return pressed
}

for (const role of ['viewer', 'operator'] as const)
  t.test(`as ${role}: no page asks for, or offers, what is refused`, { timeout: 300_000 }, async (t) => {
    const page = await browser.person()
    const { body } = await box.api<{ link: { url: string } }>('POST', '/users', {
      name: `press-${role}`,
      role,
    })
    await page.goto(body.link.url)
    await page.locator('input[name=password]').fill(PASSWORD)
    await page.locator('form button[type=submit]').click()
    await page.locator('.frame').waitFor()
    const refused: string[] = []
    const sent = new Set<string>()
    page.on('response', (answer) => {
      if ([401, 403].includes(answer.status()))
        refused.push(`${answer.status()} ${answer.url()} on ${page.url()}`)
    })
    await page.route('**/api/v1/**', async (route) => {
      const request = route.request()
      if (request.method() === 'GET') return route.continue()
      sent.add(`${request.method()} ${new URL(request.url()).pathname}`)
      const problem = {
        status: 409,
        code: 'minion.busy',
        title: 'Kept back',
        detail: 'It never arrived.',
        hint: '',
      }
      return route.fulfill({ status: 409, contentType: 'application/problem+json', json: problem })
    })
    let pressed = 0
    for (const [, path] of pagesOf(box)) {
      await page.goto(path)
      await settled(page)
      pressed += await pressAll(page)
    }
    t.same(refused, [])
    const offered = [...sent].map((one) => one.split(' ') as [string, string])
    t.same(
      offered.filter(([method, path]) => {
        const needed = neededFor(method, path)
        return needed !== 'public' && !allows(role, needed)
      }),
      [],
      'every button of every page may be pressed',
    )
    t.comment(`${role}: ${pressed} presses sent ${[...sent].sort().join(', ')}`)
    t.ok(pressed > (role === 'viewer' ? 10 : 60))
    await page.context().close()
  })

t.test('what strangers write is text, on every page', { timeout: 300_000 }, async (t) => {
  const { hello, site } = box.minions
  await sendHook(box, box.source, {
    type: 'deploy.done',
    title: HOSTILE,
    url: `javascript:window.owned=1//${HOSTILE}`,
  })
  await box.api('POST', '/tokens', { name: HOSTILE.slice(0, 80), role: 'viewer' })
  writeFileSync(join(volumeOf(box, hello), 'www', FILE_NAME), HOSTILE)
  const { id } = await backUp(box, hello)
  const change = { env: { GREETING: HOSTILE } }
  t.equal((await box.api('PATCH', `/minions/${hello}/settings`, change)).status, 202)
  const containers = await engine.listContainers({ labels: [`io.summoner.box=${box.boxId()}`] })
  const one = containers.find(({ labels }) => labels['io.summoner.minion'] === site)
  await engine.execIn(
    one?.id ?? '',
    ['sh', '-c', 'printf "%s\\033]0;owned\\007\\033[2J\\n" "$LINE" > /proc/1/fd/1'],
    {
      env: { LINE: HOSTILE },
    },
  )
  await box.visit(`${site}.${box.domain}`, `/${encodeURIComponent(HOSTILE)}`, {
    headers: { 'user-agent': HOSTILE },
  })
  const dialogs: string[] = []
  zoe.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  const complaints: string[] = []
  zoe.on('console', (said) => {
    if (/Content Security Policy/i.test(said.text())) complaints.push(`${zoe.url()}: ${said.text()}`)
  })
  const shown = new Set<string>()
  const pages: [string, string][] = [
    ...pagesOf(box),
    ['files-hostile', `/backups/${hello}/${id}?path=volumes/www`],
    ['audit-hostile', '/box/audit'],
  ]
  for (const [name, path] of pages) {
    await zoe.goto(path)
    await settled(zoe)
    for (const details of await zoe.locator('main details:not([open]) > summary').all())
      await details.click({ timeout: 2_000 }).catch(() => {})
    const found = (await zoe.evaluate(`({
      owned: window.owned ?? null,
      made: document.querySelectorAll('img[src=x], svg[onload], [onerror], a[href^="javascript:"]').length,
      said: document.body.innerText.includes('onerror=window.owned'),
    })`)) as { owned: number | null; made: number; said: boolean }
    t.same([found.owned, found.made], [null, 0], name)
    if (found.said) shown.add(name)
  }
  t.same(dialogs, [])
  t.same(complaints, [], 'and the policy had nothing to stop')
  for (const name of ['events', 'minion-logs', 'minion-settings', 'tokens', 'files-hostile'])
    t.ok(shown.has(name), `${name} shows it, as text`)
})

t.test('a minion next door, whose page was broken into, gets nowhere', async (t) => {
  const summoner = `https://summoner.${box.domain}:${box.httpsPort}`
  const next = await zoe.context().newPage()
  await next.goto(`https://${box.minions.site}.${box.domain}:${box.httpsPort}/`)
  const before =
    (await box.api<{ entries: { id: number }[] }>('GET', '/audit?limit=1')).body.entries[0]?.id ?? 0
  const reached = (await next.evaluate(`(async () => {
    const url = ${JSON.stringify(`${summoner}/api/v1`)}
    const tries = []
    for (const [method, path] of [['GET', '/account'], ['POST', '/minions/${box.minions.site}/stop'], ['DELETE', '/session'], ['GET', '/live']])
      for (const mode of ['cors', 'no-cors'])
        if (mode === 'cors' || method !== 'DELETE')
          await fetch(url + path, { method, mode, credentials: 'include' }).then(
            (answer) => tries.push(answer.type === 'opaque' ? 'opaque' : path + ' ' + answer.status),
            () => tries.push('refused'))
    const form = Object.assign(document.createElement('form'), { method: 'POST', action: url + '/minions/${box.minions.site}/stop', target: 'away', enctype: 'text/plain' })
    document.body.append(form, Object.assign(document.createElement('iframe'), { name: 'away' }))
    form.submit()
    const frame = Object.assign(document.createElement('iframe'), { src: ${JSON.stringify(`${summoner}/`)}, name: 'inside' })
    document.body.append(frame)
    document.cookie = '__Host-summoner=planted; Domain=${box.domain}; Secure; Path=/'
    document.cookie = 'summoner=planted; Domain=${box.domain}; Path=/'
    await new Promise((resolve) => setTimeout(resolve, 1500))
    return { tries, cookie: document.cookie }
  })()`)) as { tries: string[]; cookie: string }
  t.notMatch(reached.tries.join(), /\d{3}/, `nothing could be read: ${reached.tries.join(', ')}`)
  t.notMatch(reached.cookie, '__Host-summoner')
  const inside = next.frame({ name: 'inside' })
  t.equal(
    await inside
      ?.locator('.frame')
      .count()
      .catch(() => 0),
    0,
    'the page is framed nowhere',
  )
  t.equal((await box.minion(box.minions.site)).status, 'running')
  const { entries } = (
    await box.api<{ entries: { id: number; status?: number; action: string }[] }>('GET', '/audit?limit=50')
  ).body
  t.same(
    entries.filter(({ id, status = 0 }) => id > before && status < 400),
    [],
    'nothing was done',
  )
  await zoe.goto('/')
  await zoe.locator('.frame').waitFor()
  t.notMatch(await zoe.evaluate('document.cookie'), '__Host-summoner', 'no script reads the session')
  await next.close()
})
