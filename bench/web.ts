/** The page in a real browser: how heavy its first load is, how soon it is of use, how live, and what open pages cost. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { request, type ClientRequest } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { parse, stringify } from 'yaml'
import { directories } from '../server/config/environment.ts'
import { engine, type Box } from '../test/box.ts'
import { openBrowser } from '../test/browser.ts'
import { begin } from '../test/full-box.ts'
import type { Figure } from './figure.ts'
import { observe } from './idle.ts'
import { numbered, summon, withBox } from './own-box.ts'
import { median, percentile } from './samples.ts'

const MINIONS = 100
const DASHBOARDS = 50
const SECONDS = 30
const LOADS = 7

export const web: Figure = {
  name: 'web',
  title: 'The page, 100 minions',
  rounds: 10,
  run: ({ rounds, scale, say }) =>
    withBox(async (box) => {
      if (!existsSync(join(import.meta.dirname, '../web/dist/index.html')))
        throw new Error('The page is not built: npm ci && npm run build in web/.')
      await box.apply()
      await summon(box, 'hello', 'alive')
      declare(box, numbered('quiet', Math.ceil((MINIONS - 2) * scale)))
      const browser = await openBrowser(box, 'bench')
      try {
        const page = await browser.person()
        await begin(box, page)
        const loads: { bytes: number; ms: number }[] = []
        for (let round = 0; round < LOADS; round++) loads.push(await firstLoad(page))
        say(`first load: ${loads.map(({ ms }) => ms.toFixed(0)).join(', ')} ms`)
        const delays: number[] = []
        for (let round = 0; round < rounds; round++) delays.push(...(await change(box, page)))
        say(`a change is seen after ${delays.map((one) => one.toFixed(0)).join(', ')} ms`)
        await page.context().close()
        const cost = await dashboards(box, Math.ceil(DASHBOARDS * scale), SECONDS * scale)
        say(`${cost.open.toFixed(2)} % with them, ${cost.alone.toFixed(2)} % without`)
        return {
          measures: [
            {
              what: 'JavaScript of the first load of home, over the wire',
              value: Math.max(...loads.map(({ bytes }) => bytes)) / 1e3,
              unit: 'kB',
              atMost: 60,
            },
            {
              what: 'home of use after',
              value: median(loads.map(({ ms }) => ms / 1000)),
              unit: 's',
              atMost: 0.5,
              samples: loads.map(({ ms }) => ms / 1000),
            },
            {
              what: 'a container dies or starts until its tile says so, median',
              value: median(delays),
              unit: 'ms',
              atMost: 100,
              samples: delays,
            },
            { what: 'the same, 95th percentile', value: percentile(delays, 0.95), unit: 'ms' },
            {
              what: `${DASHBOARDS} open pages, processor of the daemon, of one core`,
              value: cost.open,
              unit: '%',
              atMost: 10,
            },
            { what: 'the daemon without them', value: cost.alone, unit: '%' },
          ],
          notes: [
            `Debian's Chromium through nginx and HTTPS, without its cache; of use: every one of ${MINIONS} tiles is there. ${LOADS} loads, the median.`,
            'One minion runs; the others stand in config.yml. The time of a change is what the engine says of its container, and when the document changed by the clock of the same machine.',
            `An open page is its live stream and what home asks again by itself, here without a browser, for ${SECONDS} s.`,
          ],
        }
      } finally {
        await browser.close()
      }
    }),
}

/** Known by config.yml alone: a tile each, and no load of containers beside what is measured. */
function declare(box: Box, names: readonly string[]): void {
  const config = parse(readFileSync(box.configFile, 'utf8')) as { summoner: { applications: object[] } }
  config.summoner.applications.push(...names.map((name) => ({ name, template: 'hello' })))
  writeFileSync(box.configFile, stringify(config))
}

async function firstLoad(page: Page): Promise<{ bytes: number; ms: number }> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  const scripts = new Set<string>()
  let bytes = 0
  session.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') scripts.add(requestId)
  })
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength
  })
  await page.goto('/', { waitUntil: 'commit' })
  await page.locator('[data-minion]').last().waitFor()
  const ms = Number(await page.evaluate('performance.now()'))
  // what is fetched for the next click comes later, and is not of this load
  const first = bytes
  await page.waitForTimeout(3_000)
  await session.detach()
  return { bytes: first, ms }
}

/** The one that runs dies, then starts: milliseconds until its tile is another. */
async function change(box: Box, page: Page): Promise<number[]> {
  const [container] = (await engine.listContainers({ labels: [`io.summoner.box=${box.boxId()}`] })).filter(
    ({ name }) => name.includes('alive'),
  )
  if (!container) throw new Error('The minion of the bench is gone.')
  const seen = () =>
    page.evaluate<number>(`new Promise((resolve) => {
      const tile = document.querySelector('[data-minion=alive]')
      const watch = new MutationObserver(() => { watch.disconnect(); resolve(Date.now()) })
      watch.observe(tile, { subtree: true, childList: true, characterData: true, attributes: true })
    })`)
  await page.locator('[data-minion=alive]').getByText('Running').waitFor()
  const delays: number[] = []
  for (const verb of ['kill', 'start'] as const) {
    const noticed = seen()
    await sleep(200)
    await (verb === 'kill' ? engine.kill(container.id, 'SIGKILL') : engine.start(container.id))
    const at = await noticed
    const { finishedAt, startedAt } = await engine.inspect(container.id)
    delays.push(at - Date.parse((verb === 'kill' ? finishedAt : startedAt) ?? ''))
    if (verb === 'kill') await sleep(500)
  }
  await page.locator('[data-minion=alive]').getByText('Running').waitFor()
  return delays
}

async function dashboards(box: Box, count: number, seconds: number) {
  const { body } = await box.api<{ token: string }>('POST', '/tokens', { name: 'bench', role: 'viewer' })
  const { webSocket } = directories(box.data)
  const open: ClientRequest[] = []
  const ask = (path: string, keep = false) => {
    const sent = request(
      {
        socketPath: webSocket,
        path: `/api/v1${path}`,
        headers: { authorization: `Bearer ${body.token}` },
      },
      (answer) => answer.resume(),
    )
    sent.on('error', () => undefined)
    sent.end()
    if (keep) open.push(sent)
  }
  const alone = (await observe(box.pid(), seconds)).percent
  const timers: NodeJS.Timeout[] = []
  for (let index = 0; index < count; index++) {
    ask('/live', true)
    timers.push(
      setInterval(() => ask('/host'), 10_000),
      setInterval(() => ask('/backups?state=good'), 60_000),
    )
    // people do not open their pages in the same moment
    await sleep(10_000 / count)
  }
  const { percent } = await observe(box.pid(), seconds)
  for (const timer of timers) clearInterval(timer)
  for (const sent of open) sent.destroy()
  return { alone, open: percent }
}
