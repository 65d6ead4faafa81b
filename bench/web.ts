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
import type { Figure, Measure } from './figure.ts'
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
        const delays: Delays[] = []
        for (let round = 0; round < rounds; round++) delays.push(await change(box, page))
        for (const verb of VERBS)
          say(
            `a ${verb} is seen ${delays.map((one) => one[verb].event.toFixed(0)).join(', ')} ms after its event`,
          )
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
            ...measuresOf(delays),
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
            'One minion runs; the others stand in config.yml. A change is timed from the event of the engine itself (and from the moment that the engine notes for the container, before it tidies up), by the clock of the same machine.',
            `${cost.streams} streams were open to the end, each with ${cost.messages} messages or more.`,
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

const VERBS = ['kill', 'start'] as const
type Delays = Record<(typeof VERBS)[number], Delay>
interface Delay {
  /** After the engine told it. */
  event: number
  /** After the container did: the engine tidies up before it tells. */
  container: number
}

/** The one that runs dies, then starts: milliseconds until its tile is another. */
async function change(box: Box, page: Page): Promise<Delays> {
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
  const told = new Map<string, number>()
  const listening = await engine.events(
    undefined,
    ({ id, action, timeNano }) => {
      if (id === container.id && !told.has(action)) told.set(action, timeNano / 1e6)
    },
    () => undefined,
  )
  await page.locator('[data-minion=alive]').getByText('Running').waitFor()
  const delays = {} as Delays
  for (const verb of VERBS) {
    const noticed = seen()
    await sleep(200)
    told.clear()
    await (verb === 'kill' ? engine.kill(container.id, 'SIGKILL') : engine.start(container.id))
    const at = await noticed
    const { finishedAt, startedAt } = await engine.inspect(container.id)
    const action = verb === 'kill' ? 'die' : 'start'
    while (!told.has(action)) await sleep(20)
    delays[verb] = {
      event: at - (told.get(action) ?? 0),
      container: at - Date.parse((verb === 'kill' ? finishedAt : startedAt) ?? ''),
    }
    if (verb === 'kill') await sleep(500)
  }
  listening.close()
  await page.locator('[data-minion=alive]').getByText('Running').waitFor()
  return delays
}

function measuresOf(delays: readonly Delays[]): Measure[] {
  return VERBS.flatMap((verb): Measure[] => {
    const what = verb === 'kill' ? 'a container dies' : 'a container starts'
    const samples = delays.map((one) => one[verb].event)
    return [
      {
        what: `${what}: from the event of the engine until its tile says so, median`,
        value: median(samples),
        unit: 'ms',
        atMost: 100,
        samples,
      },
      { what: `${what}: the same, 95th percentile`, value: percentile(samples, 0.95), unit: 'ms' },
      {
        what: `${what}: from the container itself, median`,
        value: median(delays.map((one) => one[verb].container)),
        unit: 'ms',
      },
    ]
  })
}

async function dashboards(box: Box, count: number, seconds: number) {
  const { body } = await box.api<{ token: string }>('POST', '/tokens', { name: 'bench', role: 'viewer' })
  const { webSocket } = directories(box.data)
  const open: { sent: ClientRequest; living: boolean; messages: number }[] = []
  const ask = (path: string) => {
    const stream = { living: false, messages: 0 }
    const sent = request(
      {
        socketPath: webSocket,
        path: `/api/v1${path}`,
        headers: { authorization: `Bearer ${body.token}` },
      },
      (answer) => {
        stream.living = answer.statusCode === 200
        answer.once('close', () => (stream.living = false))
        answer.on(
          'data',
          (data: Buffer) => (stream.messages += data.toString('latin1').split('\n\n').length - 1),
        )
      },
    )
    sent.on('error', () => undefined)
    sent.end()
    return Object.assign(stream, { sent })
  }
  const alone = (await observe(box.pid(), seconds)).percent
  const timers: NodeJS.Timeout[] = []
  for (let index = 0; index < count; index++) {
    open.push(ask('/live'))
    timers.push(
      setInterval(() => ask('/host'), 10_000),
      setInterval(() => ask('/usage'), 10_000),
      setInterval(() => ask('/backups?limit=1000'), 60_000),
    )
    // people do not open their pages in the same moment
    await sleep(10_000 / count)
  }
  const { percent } = await observe(box.pid(), seconds)
  const streams = open.filter(({ living }) => living).length
  const messages = Math.min(...open.map((one) => one.messages))
  for (const timer of timers) clearInterval(timer)
  for (const { sent } of open) sent.destroy()
  if (streams < count) throw new Error(`${streams} of ${count} streams were open to the end.`)
  return { alone, open: percent, streams, messages }
}
