/** Builds one image from distribution packages. One at a time on the whole box: each takes the machine for itself. */
import { LABEL, type Engine } from '../docker/container.ts'
import type { Environment } from '../config/environment.ts'
import { SummonerError } from '../errors.ts'
import { basesOf, packContext, readContext } from './context.ts'
import type { ImageProgress } from './image.ts'

interface BuildDeps {
  engine: Pick<Engine, 'build' | 'image'>
  makeBase(suite: string, context: ImageProgress): Promise<void>
  network: Environment['network']
  boxId: string
}

export function createBuild({ engine, makeBase, network, boxId }: BuildDeps) {
  let last: Promise<void> = Promise.resolve()
  const queue: string[] = []

  const build = async (reference: string, contextDir: string, context: ImageProgress): Promise<void> => {
    const { log, signal, progress } = context
    const files = readContext(contextDir)
    for (const suite of basesOf(files)) await makeBase(suite, context)
    const tail: string[] = []
    const onLine = (line: string) => {
      log(line)
      tail.push(line)
      if (tail.length > 60) tail.shift()
      const step = /^Step (\d+)\/(\d+) :/.exec(line)
      if (step) progress(Number(step[1]) - 1, Number(step[2]), 'steps', reference)
    }
    try {
      await engine.build(await packContext(files), {
        tag: reference,
        args: proxyArguments(network),
        labels: { [LABEL.kind]: 'build', [LABEL.box]: boxId },
        onLine,
        signal,
      })
    } catch (error) {
      if (signal.aborted) throw cancelled(reference)
      throw buildError(reference, error, tail)
    }
  }

  /** Waits for its turn, then builds unless somebody else has built it meanwhile. */
  return async (reference: string, contextDir: string, context: ImageProgress): Promise<void> => {
    if (queue[0] !== undefined) context.log(`${reference} waits for another build: ${queue[0]}`)
    queue.push(reference)
    const before = last
    let done = () => {}
    last = new Promise((resolve) => (done = resolve))
    const turn = before.then(() => true)
    try {
      if (!(await Promise.race([turn, aborted(context.signal)]))) throw cancelled(reference)
      if (await engine.image(reference)) return
      await build(reference, contextDir, context)
    } finally {
      // A job that was cancelled while it waited must not let the next one overtake the build before it.
      void turn.then(() => {
        queue.shift()
        done()
      })
    }
  }
}

function proxyArguments({ httpProxy, httpsProxy, noProxy }: Environment['network']): Record<string, string> {
  const pairs: [string, string | undefined][] = [
    ['http_proxy', httpProxy],
    ['https_proxy', httpsProxy],
    ['no_proxy', noProxy],
  ]
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => {
      if (value === undefined) return []
      return [
        [name, value],
        [name.toUpperCase(), value],
      ]
    }),
  )
}

function aborted(signal: AbortSignal): Promise<false> {
  if (signal.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true })
  })
}

function cancelled(reference: string): SummonerError {
  return new SummonerError(
    'job.cancelled',
    `The build of ${reference} was ended because the job was cancelled.`,
  )
}

function buildError(reference: string, error: unknown, tail: readonly string[]): SummonerError {
  if (error instanceof SummonerError && error.code === 'engine.unreachable') return error
  const said = error instanceof Error ? error.message : String(error)
  const log = tail.join('\n')
  const complaints = tail.filter((line) => /^(E: |Err:|npm ERR!|npm error|\[?ERR_|error:)/i.test(line.trim()))
  const because = complaints.length > 0 ? ` (${complaints.slice(-3).join('; ').slice(0, 600)})` : ''
  const text = `${said}${because}`
  if (/no space left on device/i.test(`${said}\n${log}`))
    return new SummonerError('disk.full', text, { cause: error })
  const offline =
    /could not resolve|temporary failure (in name )?resol|unable to (fetch|connect)|ENOTFOUND|ECONNREFUSED|ETIMEDOUT/i
  return new SummonerError(
    'image.build',
    text.startsWith('Building') ? text : `Building ${reference}: ${text}`,
    {
      cause: error,
      ...(offline.test(log)
        ? { hint: 'A package source did not answer. Check the network and the proxy settings, then repeat.' }
        : {}),
    },
  )
}
