/** What a person would do instead: the very same rendered files, `docker compose up -d`, and looking until it is healthy. */
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { directories } from '../server/config/environment.ts'
import { readApplied } from '../server/minions/applied.ts'
import { verdict } from '../server/minions/await-healthy.ts'
import { awaitAnswer } from '../server/minions/probe.ts'
import { substitute } from '../server/minions/run-command.ts'
import { createFolders } from '../server/templates/create-folders.ts'
import { readDotenv } from '../server/templates/dotenv.ts'
import type { TemplateDescription } from '../server/templates/template.ts'
import { engine, type Box } from '../test/box.ts'
import { program } from './program.ts'
import { timed } from './samples.ts'

/** Far more often than anybody would look, so that the person never loses by looking late. */
const LOOK_MS = 100
const WITHIN_SECONDS = 300

export interface ByHand {
  /** Seconds until containers are healthy, the health path answers and the first administrator is made. */
  up(): Promise<number>
  /** The same again with nothing to change. */
  again(): Promise<number>
  /** Containers, networks and data. */
  remove(): Promise<void>
}

/** Takes a copy of what Summoner rendered for a minion; used once that minion is dismissed. */
export async function takeInHand(box: Box, minion: string): Promise<ByHand> {
  const dirs = directories(box.data)
  const applied = readApplied(dirs.records, minion)
  if (!applied) throw new Error(`${minion} was not summoned.`)
  const { body } = await box.api<{ description: TemplateDescription }>(
    'GET',
    `/templates/${applied.application.template}`,
  )
  const { data = [], health = {}, admin } = body.description
  const dir = join(box.dir, 'by-hand', minion)
  cpSync(join(dirs.minions, minion), dir, { recursive: true })
  const env = readDotenv(readFileSync(join(dir, '.env'), 'utf8'))
  const folders = data.map(({ path, ...rights }) => ({ path: substitute(path, env), ...rights }))
  const compose = (...args: string[]) =>
    program('docker', ['compose', '-p', applied.project, ...args], { cwd: dir })
  const containers = () =>
    engine.listContainers({ labels: [`com.docker.compose.project=${applied.project}`] })

  const healthy = async (): Promise<void> => {
    for (const deadline = Date.now() + WITHIN_SECONDS * 1000; ; await sleep(LOOK_MS)) {
      const found = await containers()
      const verdicts = applied.services.map((service) => verdict(service, found, new Map()))
      if (verdicts.every(({ state }) => state === 'good')) break
      if (Date.now() > deadline) throw new Error(verdicts.map(({ why }) => why).join(', '))
    }
    const web = applied.web[0]
    if (!web || !health.path) return
    const [address = '', port = '80'] = web.upstream.split(':')
    await awaitAnswer(
      { address, port: Number(port), host: applied.host, path: health.path },
      { status: health.status, json: health.json },
      { withinSeconds: WITHIN_SECONDS, signal: AbortSignal.timeout(WITHIN_SECONDS * 1000) },
    )
  }

  const administrator = async (): Promise<void> => {
    const command = admin?.create
    if (!command) return
    const container = (await containers()).find(({ service }) => service === command.service)
    const variables = Object.entries(command.env ?? {}).flatMap(([key, value]) => [
      '-e',
      `${key}=${substitute(value, env)}`,
    ])
    const user = command.user ? ['-u', command.user] : []
    await program('docker', ['exec', ...user, ...variables, container?.id ?? '', ...command.argv])
  }

  return {
    async up() {
      await createFolders(folders)
      const { seconds } = await timed(async () => {
        await compose('up', '-d')
        await healthy()
        await administrator()
      })
      return seconds
    },
    again: async () => (await timed(() => compose('up', '-d'))).seconds,
    async remove() {
      await compose('down')
      for (const { path } of folders) rmSync(path, { recursive: true, force: true })
    },
  }
}

/** The daemon sleeps meanwhile: it must neither help nor take the processor from the person. */
export async function whileDaemonSleeps<T>(box: Box, work: () => Promise<T>): Promise<T> {
  process.kill(box.pid(), 'SIGSTOP')
  try {
    return await work()
  } finally {
    process.kill(box.pid(), 'SIGCONT')
  }
}
