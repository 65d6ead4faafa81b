/** The page in a real browser, through nginx and HTTPS: from the first link to a minion that stops, as every role. */
import t from 'tap'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { succeeded } from './aftermath.ts'
import { createBox } from './box.ts'
import { openBrowser, picture, violations, type Look } from './browser.ts'

const PASSWORD = 'ripe plums over the harbour 41'

const box = await createBox()
t.teardown(() => box.remove())
const applied = await box.apply()
const browser = await openBrowser(box)
t.teardown(() => browser.close())

const site = box.name('site')
const person = (look: Look = {}): Promise<Page> => browser.person(look)

/** Everything that was asked for has come. */
async function settled(page: Page): Promise<void> {
  await page.locator('main').first().waitFor()
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
}

async function signIn(page: Page, name: string, button = 'Sign in'): Promise<void> {
  await page.goto('/')
  await page.locator('input[name=username]').fill(name)
  await page.locator('input[name=password]').fill(PASSWORD)
  await page.getByRole('button', { name: button, exact: true }).click()
  await page.locator('.frame').waitFor()
}

async function invite(name: string, role: string): Promise<string> {
  const { status, body } = await box.api<{ link: { url: string } }>('POST', '/users', { name, role })
  if (status !== 201) throw new Error(`${name} could not be invited: ${JSON.stringify(body)}`)
  return body.link.url
}

const zoe = await person()

t.test('the first link makes the administrator, once', async (t) => {
  t.ok(
    existsSync(join(resolve(import.meta.dirname, '..'), 'web/dist/index.html')),
    'the page is built: npm ci && npm run build in web/',
  )
  for (const job of applied) succeeded(t, job)
  const { body } = await box.api<{ url: string }>('POST', '/setup-link')
  await zoe.goto('/')
  await zoe.getByRole('heading', { name: 'This box waits for its first administrator' }).waitFor()
  await picture(zoe, 'nobody-yet')
  await zoe.goto(body.url)
  await zoe.getByRole('heading', { name: 'Welcome to your box' }).waitFor()
  t.equal(new URL(zoe.url()).hash, '', 'the secret does not stay in the address bar')
  t.same(await violations(zoe), [])
  await picture(zoe, 'setup')
  await zoe.getByLabel('Name').fill('zoe')
  await zoe.locator('input[name=password]').fill('short')
  await zoe.getByLabel('Name').focus()
  await zoe.getByText('7 more characters').waitFor()
  await zoe.locator('input[name=password]').fill(PASSWORD)
  await zoe.getByRole('button', { name: 'Begin' }).click()
  await zoe.getByRole('heading', { name: 'Your box is ready.' }).waitFor()
  const again = await person()
  await again.goto(body.url)
  await again.getByText('The link does not work').waitFor()
  await again.context().close()
})

t.test('a tool comes from the catalogue, answers at its address, and its first page opens', async (t) => {
  await zoe.getByRole('link', { name: 'Open the catalogue' }).click()
  await zoe.getByRole('searchbox').fill('static')
  await zoe.getByRole('link', { name: 'statik', exact: true }).click()
  const name = zoe.getByLabel('Name of the minion')
  await name.fill('Not A Name')
  await zoe.getByText('A letter first').waitFor()
  await name.fill(site)
  await zoe.getByRole('button', { name: `Summon ${site}` }).click()
  await zoe.getByRole('heading', { name: `${site} is being summoned` }).waitFor()
  await zoe.getByText('Get the images').waitFor()
  await picture(zoe, 'summoning')
  await zoe.getByRole('heading', { name: `${site} is there` }).waitFor({ timeout: 300_000 })
  t.same(await violations(zoe), [])
  await picture(zoe, 'summoned')
  const [opened] = await Promise.all([
    zoe.context().waitForEvent('page'),
    zoe.getByRole('link', { name: 'Open it' }).click(),
  ])
  const answer = await opened.reload()
  t.equal(answer?.status(), 200)
  t.equal(new URL(opened.url()).hostname, `${site}.${box.domain}`)
  await opened.close()
})

t.test('home shows a container that dies within a moment, and a stop says what it means', async (t) => {
  await zoe.goto('/')
  const tile = zoe.locator(`[data-minion="${site}"]`)
  await tile.getByText('Running').waitFor()
  await zoe.goto(`/minions/${site}`)
  await zoe.getByRole('button', { name: 'Stop' }).click()
  await zoe.getByText('Its data stays.').waitFor()
  t.same(await violations(zoe), [])
  await picture(zoe, 'stop')
  await zoe.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
  await zoe.locator('h1 + .row').getByText('Stopped').waitFor({ timeout: 60_000 })
  const { status } = await box.visit(`${site}.${box.domain}`)
  t.equal(status, 503, 'visitors meet the page that says so')
  await zoe.getByRole('button', { name: 'Start' }).click()
  await zoe.locator('h1 + .row').getByText('Running').waitFor({ timeout: 60_000 })
})

t.test('a setting is changed with its difference before it is written', async (t) => {
  await zoe.goto(`/minions/${site}/settings`)
  await zoe.getByLabel('Address').fill(`${site}-new`)
  await zoe.getByRole('button', { name: 'See the change' }).click()
  await zoe.getByRole('dialog').getByText(`${site}-new`).first().waitFor()
  t.same(await violations(zoe), [])
  await picture(zoe, 'settings-diff')
  await zoe.keyboard.press('Escape')
  t.equal(await zoe.getByRole('dialog').count(), 0)
  const { body } = await box.api<{ text: string }>('GET', '/config')
  t.notMatch(body.text, `${site}-new`, 'nothing is written before it is applied')
})

t.test('config.yml shows a fault at its line and is not saved with it', async (t) => {
  await zoe.goto('/box')
  const editor = zoe.getByRole('textbox', { name: 'config.yml' })
  await editor.waitFor()
  const text = await editor.inputValue()
  await editor.fill(`${text}  domian: example.org\n`)
  await zoe.getByText('domian').first().waitFor()
  await zoe
    .getByText(/line \d+, column \d+/)
    .first()
    .waitFor()
  t.equal(await zoe.getByRole('button', { name: 'Save' }).isDisabled(), true)
  t.same(await violations(zoe), [])
  await picture(zoe, 'config-fault')
})

t.test('where no minion changes, the hosts can still be applied', async (t) => {
  await zoe.reload()
  await zoe.getByRole('button', { name: 'Apply the hosts again' }).click()
  await zoe.getByText('The proxy takes what config.yml says of its hosts.').waitFor()
  t.equal((await box.api<{ jobs: object[] }>('GET', '/jobs?state=running')).body.jobs.length, 0)
})

t.test('the palette goes anywhere by keyboard alone', async (t) => {
  await zoe.goto('/')
  await settled(zoe)
  await zoe.keyboard.press('/')
  await zoe.keyboard.type(site.slice(0, 6))
  await zoe.getByRole('option').first().waitFor()
  t.same(await violations(zoe), [])
  await picture(zoe, 'palette')
  await zoe.keyboard.press('Enter')
  await zoe.getByRole('heading', { name: site, level: 1 }).waitFor()
  t.equal(await zoe.evaluate('document.activeElement.id'), 'page', 'the keyboard goes on from the new page')
})

t.test('viewers and operators see what they may, and are refused the rest', async (t) => {
  for (const [name, role] of [
    ['vera', 'viewer'],
    ['omar', 'operator'],
  ] as const) {
    const page = await person()
    await page.goto(await invite(name, role))
    await page.locator('input[name=password]').fill(PASSWORD)
    await page.getByRole('button', { name: 'Set the password and sign in' }).click()
    await page.locator('.frame').waitFor()
    await page.goto(`/minions/${site}`)
    await page.getByRole('heading', { name: site, level: 1 }).waitFor()
    t.equal(
      await page.getByRole('button', { name: 'Stop' }).count(),
      role === 'operator' ? 1 : 0,
      `${role}: stop`,
    )
    t.equal(
      await page.getByRole('button', { name: 'Show name and password' }).count(),
      0,
      `${role}: passwords`,
    )
    t.equal(
      await page.getByRole('link', { name: 'Logs' }).count(),
      role === 'operator' ? 1 : 0,
      `${role}: logs`,
    )
    await page.goto('/box/people')
    await page.getByText('Not for your role').waitFor()
    t.same(await violations(page), [])
    const statuses = (await page.evaluate(`Promise.all([
      ['GET', '/minions/${site}/secrets'], ['GET', '/users'], ['GET', '/tokens'], ['GET', '/secrets'], ['GET', '/audit'],
    ].map(([method, path]) => fetch('/api/v1' + path, { method }).then(({ status }) => status)))`)) as number[]
    t.same(statuses, [403, 403, 403, 403, 403], `${role}: the daemon refuses as well`)
    await page.context().close()
  }
})

t.test('while the daemon is away the page says so, and comes back by itself', async (t) => {
  await zoe.goto('/')
  await settled(zoe)
  await box.kill('SIGTERM')
  await zoe.getByText('Your minions go on running').waitFor()
  t.same(await violations(zoe), [])
  await picture(zoe, 'daemon-away')
  await box.boot()
  await zoe.getByText('Your minions go on running').waitFor({ state: 'detached' })
  await zoe.getByText('Live', { exact: true }).waitFor()
})

t.test('the first load of home is small, and soon usable', async (t) => {
  const page = await person()
  await signIn(page, 'zoe')
  let bytes = 0
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  const scripts = new Set<string>()
  session.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') scripts.add(requestId)
  })
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength
  })
  await page.goto('/')
  await page.locator(`[data-minion="${site}"]`).waitFor()
  const usable = Number(await page.evaluate('performance.now()'))
  t.comment(
    `home: ${Math.round(bytes / 1000)} kB of JavaScript over the wire, usable after ${Math.round(usable)} ms`,
  )
  t.ok(bytes > 0 && bytes <= 60_000, `${bytes} bytes of JavaScript`)
  await page.context().close()
})
