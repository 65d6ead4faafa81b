/** Every page that somebody signed in can open, and what each must be in every look. */
import type { Page } from 'playwright-core'
import { picture, violations, type Violation } from './browser.ts'
import type { FullBox } from './full-box.ts'

export const pagesOf = ({
  minions,
  template,
  set,
}: Pick<FullBox, 'minions' | 'template' | 'set'>): [string, string][] => [
  ['home', '/'],
  ['catalogue', '/catalogue'],
  ['summon', `/catalogue/${template}`],
  ['minion', `/minions/${minions.hello}`],
  ['minion-stopped', `/minions/${minions.broken}`],
  ['minion-shared', `/minions/${minions.ledger}`],
  ['minion-server', '/minions/databases-mariadb-11-8'],
  ['minion-logs', `/minions/${minions.site}/logs`],
  ['minion-settings', `/minions/${minions.hello}/settings`],
  ['minion-events', `/minions/${minions.site}/events`],
  ['minion-backups', `/minions/${minions.hello}/backups`],
  ['minion-hooks', `/minions/${minions.site}/hooks`],
  ['minion-unknown', '/minions/nobody'],
  ['backups', '/backups'],
  ['files', `/backups/${minions.hello}/${set}`],
  ['files-below', `/backups/${minions.hello}/${set}?path=volumes/www`],
  ['events', '/notifications'],
  ['sources', '/notifications/sources'],
  ['recipes', '/notifications/recipes'],
  ['deliveries', '/notifications/deliveries'],
  ['box', '/box'],
  ['certificates', '/box/certificates'],
  ['hosts', '/box/hosts'],
  ['jobs', '/box/jobs'],
  ['doctor', '/box/doctor'],
  ['people', '/box/people'],
  ['tokens', '/box/tokens'],
  ['secrets', '/box/secrets'],
  ['audit', '/box/audit'],
  ['account', '/account'],
  ['nowhere', '/no-such-page'],
]

/** Everything that was asked for has come. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main').first().waitFor()
  // an answer may ask for the next: nothing waits any more for a while
  for (let quiet = 0; quiet < 3; quiet++) {
    if ((await page.locator('.skeleton').count()) > 0) quiet = 0
    await page.waitForTimeout(80)
  }
}

/** In both themes: axe-core's findings, what sticks out to the side, headings; a picture of each. */
export async function judge(
  page: Page,
  { name, look, pictures }: { name: string; look: string; pictures: boolean },
): Promise<object[]> {
  const faults: object[] = []
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme })
    await page.locator(`html[data-theme=${theme}]`).waitFor()
    if (pictures) await picture(page, `${name}-${look}-${theme}`)
    // colours are all that a theme changes
    const found: Violation[] = await violations(page, theme === 'dark' ? ['color-contrast'] : undefined)
    faults.push(...found.map((fault) => ({ page: name, look, theme, ...fault })))
  }
  const shape = (await page.evaluate(`({
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    headings: document.querySelectorAll('h1').length,
    title: document.title,
  })`)) as { wide: number; headings: number; title: string }
  if (shape.wide > 0) faults.push({ page: name, look, fault: `${shape.wide} px stick out to the side` })
  if (shape.headings !== 1) faults.push({ page: name, look, fault: `${shape.headings} first headings` })
  return faults
}
