/** Debian's Chromium, driven against a box: its hosts lead to this machine, and every picture it takes is kept. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import type { Box } from './box.ts'

const CHECKOUT = resolve(import.meta.dirname, '..')
const PICTURES = join(CHECKOUT, 'logs/test/screenshots')
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

let pictures = PICTURES

export const SIZES = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
} as const

export interface Look {
  language?: 'en' | 'fr'
  theme?: 'light' | 'dark'
  size?: keyof typeof SIZES
}

export interface Violation {
  rule: string
  impact: string
  help: string
  where: string[]
}

/** `folder`: where its pictures go; what an earlier run left there goes first. */
export async function openBrowser(box: Pick<Box, 'domain' | 'httpsPort' | 'dir'>, folder = 'walk') {
  pictures = join(PICTURES, folder)
  rmSync(pictures, { recursive: true, force: true })
  mkdirSync(pictures, { recursive: true })
  const desk = openDesk(box)
  const browser = await chromium.launch({
    executablePath: desk.program,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=MAP *.${box.domain} ${desk.host}, MAP ${box.domain} ${desk.host}, EXCLUDE ${desk.host}`,
    ],
  })
  const contexts: BrowserContext[] = []
  return {
    pictures,
    /** A browser of its own: nobody is signed in there. */
    async person({ language = 'en', theme = 'light', size = 'desktop' }: Look = {}): Promise<Page> {
      const context = await browser.newContext({
        baseURL: `https://summoner.${box.domain}:${box.httpsPort}`,
        ignoreHTTPSErrors: true,
        locale: language === 'fr' ? 'fr-FR' : 'en-GB',
        colorScheme: theme,
        viewport: SIZES[size],
        reducedMotion: 'reduce',
      })
      contexts.push(context)
      context.setDefaultTimeout(20_000)
      return context.newPage()
    },
    async close() {
      for (const context of contexts) await context.close()
      await browser.close()
      desk.remove()
    },
  }
}

/**
 * A network of the browser's own, as a visitor has one: Chromium gives up what it loads whenever an interface of its
 * host comes or goes, and every container that starts brings one.
 */
function openDesk({ domain, dir }: Pick<Box, 'domain' | 'dir'>) {
  const id = /[0-9a-f]{6}/.exec(domain)?.[0] ?? '000000'
  const [name, outer, inner] = [`desk-${id}`, `d${id}a`, `d${id}b`]
  const base = `198.18.${Number.parseInt(id.slice(0, 2), 16)}.${Number.parseInt(id.slice(2, 4), 16) & 0xfc}`
  const [host, own] = [1, 2].map((step) => base.replace(/[0-9]+$/, (last) => String(Number(last) + step)))
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  ip('netns', 'add', name)
  ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name)
  ip('address', 'add', `${host}/30`, 'dev', outer)
  ip('link', 'set', outer, 'up')
  ip('-n', name, 'address', 'add', `${own}/30`, 'dev', inner)
  // an address that IPv6 gives itself a second later would be a change too
  ip('-n', name, 'link', 'set', inner, 'addrgenmode', 'none')
  ip('-n', name, 'link', 'set', inner, 'up')
  ip('-n', name, 'link', 'set', 'lo', 'up')
  const program = join(dir, 'chromium')
  writeFileSync(program, `#!/bin/sh\nexec ip netns exec ${name} /usr/bin/chromium "$@"\n`, { mode: 0o755 })
  return { host, program, remove: () => ip('netns', 'delete', name) }
}

export async function picture(page: Page, name: string): Promise<void> {
  const size = page.viewportSize()
  const height = Number(await page.evaluate('document.documentElement.scrollHeight'))
  // as tall as what there is: bars that keep to the foot of the window stand at the foot of the picture
  if (size && height > size.height) await page.setViewportSize({ ...size, height })
  await page.screenshot({ path: join(pictures, `${name}.png`) })
  if (size) await page.setViewportSize(size)
}

/** What axe-core has against the page as it stands: WCAG 2.2 A and AA, and its best practices. */
export async function violations(page: Page, rules?: readonly string[]): Promise<Violation[]> {
  const known = await page.evaluate(`'axe' in window`)
  // through the debugger: the page's own policy lets no foreign script in
  if (!known) await page.evaluate(await axeSource())
  const found = (await page.evaluate(
    `axe.run(document, ${JSON.stringify({ resultTypes: ['violations'], ...(rules ? { runOnly: rules } : {}) })}).then(({ violations }) => violations.map((one) => ({
      rule: one.id, impact: one.impact, help: one.help, where: one.nodes.slice(0, 5).map((node) => node.target.join(' ') + ': ' + (node.any[0] || node.all[0] || node.none[0] || {}).message) })))`,
  )) as Violation[]
  return found
}

let source: string | undefined
async function axeSource(): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  source ??= await readFile(AXE, 'utf8')
  return source
}
