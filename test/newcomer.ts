/**
 * The box as somebody meets it who has read nothing, in French, in a real browser through nginx and HTTPS: three tools
 * from the catalogue, two of them connected, one that breaks and is mended, one that is restored, proven and cloned, the
 * whole box in one file. Only clicked and typed. Its pictures are those of docs/tour.md.
 */
import type { Test } from 'tap'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { isMap, parseDocument, type YAMLSeq } from 'yaml'
import { fr } from '../web/src/i18n/fr.ts'
import { fill, type Values } from '../web/src/i18n/words.ts'
import { succeeded } from './aftermath.ts'
import { createBox, engine } from './box.ts'
import { openBrowser, picture, violations } from './browser.ts'

const PASSWORD = 'une prune mûre sur le port 41'
const say = (key: keyof typeof fr, values: Values = {}) => fill(fr[key], values, 'fr')

/** `folder`: where its pictures go. What it does is in chapters, each of which needs those before it. */
export async function openEvening(t: Test, folder: string) {
  const messages: string[] = []
  const chat = createServer((received, response) => {
    let text = ''
    received.setEncoding('utf8').on('data', (more: string) => (text += more))
    received.on('end', () => {
      messages.push(text)
      response.end('ok')
    })
  })
  await new Promise<void>((resolve) => chat.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    chat.closeAllConnections()
    chat.close()
  })
  const chatAddress = `http://127.0.0.1:${(chat.address() as AddressInfo).port}/hooks/equipe`

  const box = await createBox({
    catalogue: ['dokuwiki'],
    config: '  applications: []\n  outgoing: {allow: [127.0.0.1]}\n',
  })
  t.teardown(() => box.remove())
  const applied = await box.apply()
  const browser = await openBrowser(box, folder)
  t.teardown(() => browser.close())
  const page = await browser.person({ language: 'fr' })
  // a machine may have more to do than this
  page.context().setDefaultTimeout(60_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))

  const button = (key: keyof typeof fr, values?: Values, within: Page | Locator = page) =>
    within.getByRole('button', { name: say(key, values), exact: true })
  const heading = (text: string) => page.getByRole('heading', { name: text, exact: true })
  const link = (name: string) => page.getByRole('link', { name, exact: true })
  const rail = (key: keyof typeof fr) =>
    page.getByRole('navigation', { name: say('nav') }).getByRole('link', { name: say(key) })
  const tab = (key: keyof typeof fr) =>
    page.locator('main').getByRole('link', { name: say(key), exact: true })
  const dialog = () => page.getByRole('dialog')
  /** For what starts containers. */
  const LONG = { timeout: 600_000 }

  async function openMinion(name: string, place?: keyof typeof fr): Promise<void> {
    await rail('nav.home').click()
    await page.locator(`[data-minion="${name}"]`).getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    if (place) await tab(place).click()
  }

  /** What the page says of the newest job here, once it has ended. */
  const done = (text: string) => page.locator('.notices').getByText(text).waitFor(LONG)

  async function summon(template: string, search: string): Promise<void> {
    await rail('nav.catalogue').click()
    await page.getByRole('searchbox').fill(search)
    await link(template).click()
    await button('summon.do', { name: template }).waitFor()
    if (template === 'wordpress') await picture(page, 'summon')
    await button('summon.do', { name: template }).click()
    await heading(say('summon.going', { name: template })).waitFor()
    if (template === 'wordpress') {
      // some steps are done, one has something to say
      await page.getByText(/Journal, [1-9]/).waitFor(LONG)
      await picture(page, 'summoning')
    }
    await heading(say('summon.done', { name: template })).waitFor(LONG)
  }
  // where it stopped is worth a look
  t.afterEach(async (t) => {
    if (!t.passing()) await picture(page, 'failed')
  })

  return {
    install: () =>
      t.test('du lien d’installation à une machine à soi', { timeout: 900_000 }, async (t) => {
        for (const job of applied) succeeded(t, job)
        const { body } = await box.api<{ url: string }>('POST', '/setup-link')
        await page.goto(body.url)
        await heading(say('setup.administrator')).waitFor()
        await picture(page, 'setup')
        await page.getByLabel(say('signIn.name')).fill('camille')
        await page.locator('input[name=password]').fill(PASSWORD)
        await button('setup.administrator.do').click()
        await heading(say('home.ready')).waitFor()
        await picture(page, 'first-home')
        t.same(await violations(page), [])
        await link(say('home.empty.do')).click()
        await page.getByRole('searchbox').waitFor()
        await page.locator('.offer').first().waitFor()
        await picture(page, 'catalogue')
      }),
    tools: () =>
      t.test('trois outils du catalogue', { timeout: 900_000 }, async (t) => {
        await summon('wordpress', 'blog')
        await button('show').click()
        await picture(page, 'summoned')
        const [opened] = await Promise.all([
          page.context().waitForEvent('page'),
          link(say('summon.open')).click(),
        ])
        await opened.waitForLoadState()
        const password = (await page.locator('.first code').nth(1).textContent()) ?? ''
        await opened.locator('#user_login').fill('admin')
        await opened.locator('#user_pass').fill(password)
        await opened.locator('#wp-submit').click()
        await opened.locator('#wpadminbar').waitFor()
        t.match(opened.url(), /wp-admin/, 'the first password opens it')
        await opened.close()
        await summon('ghost', 'lettre')
        await summon('dokuwiki', 'wiki')
        await rail('nav.home').click()
        for (const name of ['wordpress', 'ghost', 'dokuwiki'])
          await page.locator(`[data-minion=${name}]`).getByText(say('status.running')).waitFor(LONG)
        await page.locator('[data-minion=dokuwiki] .truth').filter({ hasText: 'Mo' }).waitFor(LONG)
        await page.locator('.host').waitFor()
        t.same(await violations(page), [])
        await picture(page, 'home')
      }),
    connect: () =>
      t.test('deux d’entre eux sont reliés', { timeout: 900_000 }, async (t) => {
        for (const name of ['wordpress', 'ghost']) {
          await openMinion(name, 'hooks')
          await button('hooks.connect', { name }).click()
          await page.getByText(say('hooks.connected', { name })).waitFor(LONG)
          if (name === 'wordpress') await picture(page, 'connected')
        }
        t.same(await violations(page), [])
        await rail('nav.notifications').click()
        await tab('sources').click()
        await page.getByText('ghost', { exact: true }).first().waitFor()
        t.equal(await page.locator('main .list > li').count(), 2)
      }),
    recipe: () =>
      t.test('une recette, avec le canal où elle écrit', { timeout: 900_000 }, async (t) => {
        await rail('nav.notifications').click()
        await tab('recipes').click()
        await button('recipes.make').click()
        await page
          .getByRole('form')
          .getByRole('button', { name: say('channels.add'), exact: true })
          .click()
        await dialog().getByLabel(say('channels.url')).fill(chatAddress)
        await dialog().getByLabel(say('tokens.name')).fill('equipe')
        await button('channels.add.do', {}, dialog()).click()
        await dialog().waitFor({ state: 'detached' })
        const form = page.getByRole('form')
        await form.getByLabel(say('recipes.on')).selectOption('minion.started')
        await form
          .getByLabel(say('recipes.text'))
          .fill('{{ event.minion }} est de nouveau là : {{ event.title }}')
        await form.getByLabel(say('tokens.name')).fill('prevenir')
        await button('recipes.row').click()
        await form.getByLabel(say('settings.value')).fill('dokuwiki')
        await button('recipes.preview').click()
        await form
          .getByRole('region', { name: say('recipes.message') })
          .getByText(/^dokuwiki est de nouveau là/)
          .waitFor()
        t.same(await violations(page), [])
        await picture(page, 'recipe')
        await button('recipes.keep').click()
        await heading('prevenir').waitFor()
        t.match((await box.api<{ text: string }>('GET', '/config')).body.text, /name: prevenir/)
      }),
    breakdown: () =>
      t.test(
        'un minion tombe : l’accueil le dit, et le bouton le répare',
        { timeout: 900_000 },
        async (t) => {
          await rail('nav.home').click()
          await page.locator('[data-minion=dokuwiki]').getByText(say('status.running')).waitFor()
          const [broken] = await engine.listContainers({
            labels: [`io.summoner.box=${box.boxId()}`, 'io.summoner.minion=dokuwiki'],
          })
          await engine.kill(broken?.id ?? '', 'SIGKILL')
          const need = page
            .getByRole('list', { name: say('home.needs.list') })
            .getByRole('listitem')
            .filter({ hasText: 'dokuwiki' })
          await need.waitFor()
          t.same(await violations(page), [])
          await picture(page, 'broken')
          await button('power.start', {}, need).click()
          await page.locator('[data-minion=dokuwiki]').getByText(say('status.running')).waitFor(LONG)
          await need.waitFor({ state: 'detached' })
          for (
            const end = Date.now() + 30_000;
            !messages.some((text) => text.includes('dokuwiki est de nouveau là'));
          ) {
            if (Date.now() > end) t.fail(`no message came: ${messages.join('\n')}`)
            await page.waitForTimeout(100)
          }
        },
      ),
    restore: () =>
      t.test('sauvegarder, puis revenir à ce qui était', { timeout: 900_000 }, async (t) => {
        /** Its first page, once it has one again. */
        const site = async (): Promise<string> => {
          for (;;) {
            const { status, body } = await box
              .visit(`wordpress.${box.domain}`)
              .catch(() => ({ status: 0, body: '' }))
            if (status === 200) return body
            await page.waitForTimeout(500)
          }
        }
        await openMinion('wordpress', 'nav.backups')
        await button('sets.now').click()
        await done(say('job.done', { what: say('kind.backup', { minion: 'wordpress' }) }))
        await page.locator('.sets li').first().waitFor()
        // somebody spoils the site meanwhile
        const title = /<title>([^<]*)<\/title>/.exec(await site())?.[1] ?? ''
        const [database] = (
          await engine.listContainers({
            labels: [`io.summoner.box=${box.boxId()}`, 'io.summoner.minion=wordpress'],
          })
        ).filter(({ service }) => service === 'mariadb')
        const { WORDPRESS_DB_PASSWORD = '' } = (
          await box.api<{ secrets: Record<string, string> }>('GET', '/minions/wordpress/secrets')
        ).body.secrets
        const spoilt = await engine.execIn(
          database?.id ?? '',
          [
            'mariadb',
            '-uwordpress',
            'wordpress',
            '-e',
            "UPDATE wp_options SET option_value='Gâché' WHERE option_name='blogname'",
          ],
          { env: { MYSQL_PWD: WORDPRESS_DB_PASSWORD } },
        )
        t.equal(spoilt.code, 0, spoilt.stderr)
        t.match(await site(), /<title>G.ch.|<title>Gâché/)
        await page
          .locator('.sets li')
          .first()
          .getByRole('button', { name: say('dumps.restore'), exact: true })
          .click()
        await dialog().getByText(say('restore.place')).waitFor()
        t.same(await violations(page), [])
        await picture(page, 'restore')
        t.equal(await button('dumps.restore', {}, dialog()).isDisabled(), true, 'the name is typed first')
        await dialog()
          .getByLabel(say('dumps.restore.type', { name: 'wordpress' }))
          .fill('wordpress')
        await button('dumps.restore', {}, dialog()).click()
        await page.getByText(say('job.steps')).or(page.locator('.steps')).first().waitFor()
        await picture(page, 'restoring')
        await done(say('job.done', { what: say('kind.restore', { minion: 'wordpress' }) }))
        t.match(await site(), `<title>${title}</title>`, 'what was, is again')
        await page.getByText(say('sets.reason.restore-point')).first().waitFor()
      }),
    proof: () =>
      t.test('la preuve et le clone d’une sauvegarde', { timeout: 900_000 }, async (t) => {
        await openMinion('dokuwiki', 'nav.backups')
        await button('sets.now').click()
        await done(say('job.done', { what: say('kind.backup', { minion: 'dokuwiki' }) }))
        const newest = page.locator('.sets li').first()
        await newest.getByRole('button', { name: /Plus d’actions/ }).click()
        await page.getByRole('menuitem', { name: say('sets.prove') }).click()
        await done(say('job.done', { what: say('kind.prove', { minion: 'dokuwiki' }) }))
        await newest.getByText(/vérifiée, de retour en/).waitFor()
        await picture(page, 'proven')
        await newest.getByRole('button', { name: say('dumps.restore'), exact: true }).click()
        await dialog().getByText(say('restore.clone'), { exact: true }).click()
        await dialog().getByLabel(say('restore.clone.name')).fill('essai')
        t.same(await violations(page), [])
        await button('sets.clone.do', {}, dialog()).click()
        await done(say('job.done', { what: say('kind.clone', { minion: 'essai' }) }))
        await openMinion('essai')
        await page.locator('h1 + .row').getByText(say('status.running')).waitFor(LONG)
        t.equal((await box.visit(`essai.${box.domain}`, '/doku.php')).status, 200)
      }),
    file: () =>
      t.test(
        'config.yml : un autre lieu pour les copies, un minion de moins',
        { timeout: 900_000 },
        async (t) => {
          await rail('nav.box').click()
          const editor = page.getByRole('textbox', { name: 'config.yml' })
          await editor.waitFor()
          const file = parseDocument(await editor.inputValue())
          const applications = file.getIn(['summoner', 'applications']) as YAMLSeq
          const clone = applications.items.findIndex((one) => isMap(one) && one.get('name') === 'essai')
          t.ok(clone >= 0, 'the clone stands in it')
          applications.delete(clone)
          mkdirSync(join(box.dir, 'ailleurs'))
          file.setIn(
            ['summoner', 'backups', 'destinations'],
            [{ name: 'disque', to: join(box.dir, 'ailleurs') }],
          )
          await editor.fill(file.toString({ lineWidth: 0 }))
          await button('config.diff').click()
          await button('config.save').click()
          await page.getByText(say('config.saved')).waitFor()
          await page.getByText(say('plan.remove', { name: 'essai' })).waitFor()
          t.same(await violations(page), [])
          await picture(page, 'plan')
          await button('plan.apply', { n: 1 }).click()
          await button('plan.asks.do', {}, dialog()).click()
          await page.getByText(say('plan.none', { n: 4 })).waitFor(LONG)
          await rail('nav.backups').click()
          const place = page.locator('.rows li').filter({ hasText: `${box.dir}/ailleurs` })
          await button('destinations.copy', {}, place).click()
          await place.getByText(say('destination.ok')).waitFor(LONG)
          t.same(await violations(page), [])
          await picture(page, 'backups')
        },
      ),
    near: () =>
      t.test(
        'un minion de près, puis la page elle-même sur un téléphone',
        { timeout: 900_000 },
        async (t) => {
          await openMinion('wordpress')
          await page.locator('canvas').first().waitFor()
          await page.locator('td.numbers').filter({ hasText: 'Mo' }).first().waitFor()
          await picture(page, 'minion')
          await rail('nav.notifications').click()
          await page.locator('main .list li').first().waitFor()
          await picture(page, 'events')
          const phone = await browser.person({ language: 'fr', theme: 'dark', size: 'phone' })
          await phone.context().addCookies(await page.context().cookies())
          await phone.goto('/')
          await phone.locator('[data-minion=ghost]').waitFor()
          t.same(await violations(phone), [])
          await picture(phone, 'phone')
        },
      ),
    calm: () => t.same(complaints, [], 'the page never broke'),
  }
}
