/** The running nginx: testing a configuration inside its container, and telling it to load the current one. */
import { SummonerError, asSummonerError } from '../errors.ts'
import type { Container, Engine } from '../docker/container.ts'

export interface Nginx {
  /** undefined while no nginx runs: then there is nothing to test or to reload. */
  running(): Promise<Container | undefined>
  /** nginx's complaint about the configuration; undefined when it accepts it. */
  test(container: Container, path: string): Promise<string | undefined>
  reload(container: Container): Promise<void>
  /** Its binary was built with HTTP/3. */
  speaksHttp3(container: Container): Promise<boolean>
}

interface NginxDeps {
  engine: Pick<Engine, 'execIn' | 'kill'>
  container(): Promise<Container | undefined>
}

export function createNginx({ engine, container }: NginxDeps): Nginx {
  const http3 = new Map<string, boolean>()
  return {
    async running() {
      const found = await container()
      return found?.state === 'running' ? found : undefined
    },
    async test({ id }, path) {
      const { code, stdout, stderr } = await present(
        engine.execIn(id, ['nginx', '-t', '-q', '-c', path], { timeoutMs: 60_000 }),
      )
      if (code === 0) return undefined
      const complaint = complaintOf(`${stderr}\n${stdout}`)
      // no word from nginx: the container went away or the engine could not run it
      if (complaint === undefined)
        throw new SummonerError(
          'proxy.unreachable',
          `nginx could not test its configuration (exit code ${code}).`,
        )
      return complaint
    },
    async speaksHttp3({ id, imageId }) {
      const known = http3.get(imageId)
      if (known !== undefined) return known
      const { code, stdout, stderr } = await present(
        engine.execIn(id, ['nginx', '-V'], { timeoutMs: 60_000 }),
      )
      const speaks = code === 0 && `${stdout}${stderr}`.includes('--with-http_v3_module')
      if (code === 0) http3.set(imageId, speaks)
      return speaks
    },
    reload: ({ id }) => present(engine.kill(id, 'SIGHUP')),
  }
}

/** The container may go between the question and the answer: then nginx is away, not wrong. */
async function present<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const { code, message } = asSummonerError(error)
    if (code !== 'engine.missing' && code !== 'engine.failed') throw error
    throw new SummonerError('proxy.unreachable', `nginx went away meanwhile: ${message}`, { cause: error })
  }
}

/** The first line that stops nginx; warnings are none. */
function complaintOf(output: string): string | undefined {
  const lines = output.split('\n').map((line) => line.trim())
  const emergency =
    lines.find((line) => /\[(emerg|alert|crit)\]/.test(line)) ?? lines.find((line) => line !== '')
  return emergency?.replace(/^.*\[(?:emerg|alert|crit)\] (?:\d+#\d+: )?/, '').slice(0, 500)
}
