/** Every page in every look: both languages, both themes, phone and desktop; and what the pages are filled with. */
import t from 'tap'
import { readdirSync } from 'node:fs'
import { openBrowser } from './browser.ts'
import { judge, pagesOf, settled } from './every-page.ts'
import { begin, createFullBox } from './full-box.ts'

const box = await createFullBox()
t.teardown(() => box.remove())
const browser = await openBrowser(box, 'pages')
t.teardown(() => browser.close())
const zoe = await browser.person()
await begin(box, zoe)
const signedIn = await zoe.context().cookies()

const LOOKS = [
  { language: 'en', size: 'desktop', pictures: true },
  { language: 'fr', size: 'phone', pictures: true },
  { language: 'fr', size: 'desktop', pictures: false },
  { language: 'en', size: 'phone', pictures: false },
] as const

for (const { language, size, pictures } of LOOKS)
  t.test(`${language}, ${size}, light and dark`, async (t) => {
    const page = await browser.person({ language, size })
    await page.context().addCookies(signedIn)
    const complaints: string[] = []
    page.on('console', (said) => said.type() === 'error' && complaints.push(`${page.url()}: ${said.text()}`))
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
    for (const [name, path] of pagesOf(box)) {
      await page.goto(path)
      await settled(page)
      t.same(await judge(page, { name, look: `${language}-${size}`, pictures }), [], path)
    }
    t.same(complaints, [], 'the browser has nothing against it')
    await page.context().close()
  })

t.test('the files of a set are looked at and taken one by one, by who may', async (t) => {
  interface Files {
    entries: { name: string; type: string; bytes?: number }[]
  }
  const list = (path: string) =>
    box.api<Files>('GET', `/backups/${box.set}/files?path=${encodeURIComponent(path)}`)
  t.match((await list('')).body.entries.slice(0, 1), [{ name: 'volumes', type: 'folder' }])
  const [page] = (await list('volumes/www')).body.entries.filter(({ name }) => name === 'index.html')
  t.match(page, { type: 'file', bytes: Number })
  const took = await box.api<string>('GET', `/backups/${box.set}/file?path=volumes/www/index.html`)
  t.equal(took.status, 200)
  t.equal(Buffer.byteLength(took.body), page?.bytes)
  t.match(took.headers, { 'content-disposition': "attachment; filename*=UTF-8''index.html" })
  const folder = await box.api<string>('GET', `/backups/${box.set}/file?path=volumes`)
  t.match(folder.headers, { 'content-disposition': /volumes\.zip$/ })
  t.match(folder.body, /^PK/)
  for (const path of ['volumes/nothing', 'etc/passwd', 'volumes/../../etc/passwd'])
    t.match(await box.api('GET', `/backups/${box.set}/file?path=${path}`), { status: /404|422/ }, path)
  t.equal((await list('volumes/nothing')).status, 404)
  const { body: audit } = await box.api<{ entries: object[] }>('GET', '/audit?limit=20')
  t.match(JSON.stringify(audit), /downloadBackupFile/, 'who took it is known')
})

t.test('the pictures lie there to be looked at', (t) => {
  const looks = LOOKS.filter(({ pictures }) => pictures).length
  t.equal(readdirSync(browser.pictures).length, pagesOf(box).length * looks * 2)
  t.end()
})
