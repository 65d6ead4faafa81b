/** What administrators alone may do, on the real engine and in a real browser: a terminal, powers for a minion, the recovery sheet. */
import t from 'tap'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { succeeded } from './aftermath.ts'
import { createBox } from './box.ts'
import { openBrowser, picture, violations } from './browser.ts'
import { begin } from './full-box.ts'

t.setTimeout(400_000)
const box = await createBox()
t.teardown(() => box.remove())
const applied = await box.apply()
const hello = box.name('hello')
const browser = await openBrowser(box, 'powers')
t.teardown(() => browser.close())
const zoe = await browser.person()
const complaints: string[] = []
// what this test has refused on purpose is no complaint
zoe.on('console', (said) => {
  if (said.type() === 'error' && !said.text().includes('status of 403')) complaints.push(said.text())
})
zoe.on('pageerror', (error) => complaints.push(error.message))
const scripts: string[] = []
zoe.on('request', (request) => request.resourceType() === 'script' && scripts.push(request.url()))

async function configure(change: (text: string) => string): Promise<void> {
  const { text, etag } = (await box.api<{ text: string; etag: string }>('GET', '/config')).body
  const { status } = await box.api('PUT', '/config', { text: change(text) }, { 'if-match': etag })
  if (status !== 200) throw new Error(`config.yml was refused: ${status}`)
}
/** A request of the page's own place, with somebody's token. */
const byToken = (page: Page, token: string, method: string, path: string, body: object) =>
  page.evaluate<number>(`fetch('/api/v1${path}', {
    method: '${method}',
    headers: { authorization: 'Bearer ${token}', 'content-type': 'application/json' },
    body: ${JSON.stringify(JSON.stringify(body))},
  }).then(({ status }) => status)`)
const screen = (page: Page) => page.locator('.seat .xterm-rows')
const type = (page: Page, text: string) => page.keyboard.type(`${text}\n`)
/** Programs of this machine whose words hold the text; a container's are among them. */
function running(text: string): boolean {
  try {
    return execFileSync('pgrep', ['-fx', text]).length > 0
  } catch {
    return false
  }
}
async function gone(page: Page, text: string): Promise<boolean> {
  for (const end = Date.now() + 30_000; running(text); await page.waitForTimeout(100))
    if (Date.now() > end) return false
  return true
}

t.test('a terminal is off until config.yml says otherwise', async (t) => {
  for (const job of applied) succeeded(t, job)
  succeeded(t, await box.run('POST', '/minions', { template: 'hello', name: hello }))
  await begin(box, zoe)
  await zoe.goto(`/minions/${hello}/terminal`)
  await zoe.getByRole('heading', { name: 'Terminals are switched off' }).waitFor()
  t.same(await violations(zoe), [])
  await picture(zoe, 'terminal-off')
  const size = { rows: 24, columns: 80 }
  t.match(await box.api('POST', `/minions/${hello}/terminals`, { service: 'hello', ...size }), {
    status: 403,
    body: { code: 'terminal.off' },
  })
  await configure((text) => `${text}  terminal: true\n`)
  await zoe.getByRole('button', { name: 'Open a terminal' }).waitFor()
  t.notOk(
    scripts.some((url) => url.includes('terminal')),
    'no page but an open terminal loads one',
  )
  const { body } = await box.api<{ token: string }>('POST', '/tokens', {
    name: 'robot',
    role: 'administrator',
  })
  const status = await byToken(zoe, body.token, 'POST', `/minions/${hello}/terminals`, {
    service: 'hello',
    ...size,
  })
  t.equal(status, 403, 'a token is nobody who sits before a shell')
})

t.test('a shell in the container: typing, size, and leaving nothing behind', async (t) => {
  await zoe.getByRole('button', { name: 'Open a terminal' }).click()
  await screen(zoe).getByText(/[$#]/).first().waitFor()
  await type(zoe, 'echo $((6*7))-$(hostname | wc -l)')
  await screen(zoe).getByText('42-1').waitFor()
  await type(zoe, 'printf "\\033[31mrouge\\033[0m \\033[38;2;9;140;90mvert\\033[0m é\\n"')
  await screen(zoe).getByText('rouge', { exact: true }).waitFor()
  t.same(await violations(zoe), [])
  await picture(zoe, 'terminal')
  await type(zoe, 'clear; stty size')
  const columns = async () => Number(/\d+ (\d+)/.exec((await screen(zoe).innerText()) ?? '')?.[1] ?? 0)
  await screen(zoe)
    .getByText(/\d+ \d+/)
    .first()
    .waitFor()
  const before = await columns()
  await zoe.setViewportSize({ width: 900, height: 900 })
  await zoe.waitForTimeout(400)
  await type(zoe, 'clear; stty size')
  const narrower = async () => ((now) => now > 20 && now < before)(await columns())
  for (const end = Date.now() + 10_000; !(await narrower()) && Date.now() < end;) await zoe.waitForTimeout(50)
  t.ok(await narrower(), `${before} columns, then ${await columns()}`)
  await type(zoe, 'sleep 86399')
  for (const end = Date.now() + 10_000; !running('sleep 86399') && Date.now() < end;)
    await zoe.waitForTimeout(50)
  t.ok(running('sleep 86399'))
  await zoe.getByRole('link', { name: 'Overview' }).click()
  t.ok(await gone(zoe, 'sleep 86399'), 'who leaves the page leaves no program behind')
  t.same(complaints, [], 'the policy of the page has nothing against it')
  const { entries } = (await box.api<{ entries: { action: string; target?: string }[] }>('GET', '/audit'))
    .body
  const kept = entries.filter(({ action }) => /terminal/i.test(action))
  t.match(kept, [
    { action: 'endTerminal', actor: 'zoe', target: `${hello} hello closed` },
    { action: 'openTerminal', actor: 'zoe', target: hello, status: 201 },
    { action: 'openTerminal', via: 'token', status: 403 },
    { action: 'openTerminal', actor: 'local', status: 403 },
  ])
  t.notMatch(JSON.stringify(entries), /86399/, 'what was typed is kept nowhere')
  t.notMatch(box.log(), /86399/)
})

t.test('it ends with the shell, and with the right to it', async (t) => {
  await zoe.setViewportSize({ width: 1440, height: 900 })
  await zoe.getByRole('link', { name: 'Terminal' }).click()
  await zoe.getByRole('button', { name: 'Open a terminal' }).click()
  await screen(zoe).getByText(/[$#]/).first().waitFor()
  await type(zoe, 'exit 3')
  await zoe.getByText('The shell has ended, with the code 3.').waitFor()
  await zoe.getByRole('button', { name: 'Open another' }).click()
  await screen(zoe).getByText('exit 3').waitFor({ state: 'detached' })
  await screen(zoe).getByText(/[$#]/).first().waitFor()
  await type(zoe, 'sleep 86398')
  for (const end = Date.now() + 10_000; !running('sleep 86398') && Date.now() < end;)
    await zoe.waitForTimeout(50)
  t.ok(running('sleep 86398'))
  await configure((text) => text.replace('  terminal: true\n', ''))
  await zoe.getByRole('heading', { name: 'Terminals are switched off' }).waitFor()
  t.ok(await gone(zoe, 'sleep 86398'), 'switched off, those that are open end')
})

t.test(
  'a power that a template asks for is given in the settings, with its lines of config.yml first',
  async (t) => {
    const file = join(box.dir, 'minions/hello/minion.yml')
    const template = readFileSync(file, 'utf8')
    writeFileSync(
      file,
      `${template}\ngrants:\n  - what: cap:SYS_TIME\n    why:\n      en: It sets the clock of this server.\n      fr: Il règle l’horloge de ce serveur.\n`,
    )
    const compose = join(box.dir, 'minions/hello/compose.yml')
    writeFileSync(
      compose,
      readFileSync(compose, 'utf8').replace(/^( +)image:/m, '$1cap_add: [SYS_TIME]\n$1image:'),
    )
    // the catalogue is read again by every plan
    await box.api('GET', '/config/plan')
    await zoe.goto(`/minions/${hello}/settings`)
    await zoe.getByText('It sets the clock of this server.').waitFor()
    t.same(await violations(zoe), [])
    await picture(zoe, 'settings-grants')
    await zoe.getByRole('checkbox', { name: /cap:SYS_TIME/ }).check()
    await zoe.getByRole('button', { name: 'See the change' }).click()
    await zoe
      .getByRole('dialog')
      .getByText(/cap:SYS_TIME/)
      .first()
      .waitFor()
    await zoe.getByRole('dialog').getByRole('button', { name: 'Write and apply' }).click()
    await zoe.getByRole('dialog').waitFor({ state: 'detached' })
    t.match((await box.api<{ text: string }>('GET', '/config')).body.text, /grants: *\[?.*cap:SYS_TIME/)
    const { body } = await box.api<{ token: string }>('POST', '/tokens', { name: 'hand', role: 'operator' })
    for (const [method, path] of [
      ['POST', 'settings/preview'],
      ['PATCH', 'settings'],
    ] as const)
      t.equal(
        await byToken(zoe, body.token, method, `/minions/${hello}/${path}`, { grants: ['privileged'] }),
        403,
        `an operator gives no power by ${path}`,
      )
  },
)

t.test('the recovery sheet is shown when asked for, and kept in the audit log', async (t) => {
  await zoe.goto('/backups')
  await zoe.getByRole('button', { name: 'Show the sheet' }).click()
  const sheet = zoe.getByRole('dialog').getByText(/RECOVERY SHEET/)
  await sheet.waitFor()
  const password = readFileSync(join(box.data, 'state/repository-password'), 'utf8').trim()
  t.match(await sheet.textContent(), password)
  t.same(await violations(zoe), [])
  await zoe.emulateMedia({ media: 'print' })
  t.equal(await zoe.locator('.frame').isVisible(), false, 'on paper stands the sheet alone')
  await zoe.emulateMedia({ media: 'screen' })
  await picture(zoe, 'sheet')
  await zoe.keyboard.press('Escape')
  t.notMatch(await zoe.content(), password, 'closed, it is gone')
  const { body } = await box.api<{ entries: object[] }>('GET', '/audit?action=getRecoverySheet')
  t.match(body.entries, [{ actor: 'zoe', status: 200 }])
})
