/** Pulls one image from its registry, with patience for what passes and a clear word for what does not. */
import type { Engine } from '../docker/container.ts'
import { SummonerError, type ErrorCode } from '../errors.ts'
import type { ImageProgress } from './image.ts'

const TRIES = 3
const PAUSE_MS = 2_000
const PAUSE_WHEN_LIMITED_MS = 15_000

export interface Patience {
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** 0 up to 1: jitter, so that many boxes behind one address do not come back together. */
  random(): number
}

type Kind = 'missing' | 'denied' | 'limited' | 'unreachable' | 'full' | 'other'

export function createPull({ engine, sleep, random }: { engine: Pick<Engine, 'pull'> } & Patience) {
  return async (reference: string, { log, progress, signal }: ImageProgress): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        log(`Pulling ${reference}`)
        await engine.pull(reference, {
          signal,
          onProgress: (done, total, message) =>
            progress(done, total, 'bytes', message ? `${reference}: ${message}` : reference),
        })
        return
      } catch (error) {
        if (signal.aborted)
          throw new SummonerError(
            'job.cancelled',
            `Pulling ${reference} was ended because the job was cancelled.`,
          )
        if (error instanceof SummonerError && error.code === 'engine.unreachable') throw error
        const said = (error instanceof Error ? error.message : String(error)).replace(
          `Pulling ${reference}: `,
          '',
        )
        const kind = kindOf(said, error instanceof SummonerError ? error.code : undefined)
        const again = kind === 'limited' || kind === 'unreachable' || kind === 'other'
        if (!again || attempt === TRIES) throw pullError(reference, kind, said, error)
        const base = kind === 'limited' ? PAUSE_WHEN_LIMITED_MS : PAUSE_MS
        const pause = Math.round(base * 2 ** (attempt - 1) * (0.5 + random()))
        log(`${said}; trying again in ${(pause / 1000).toFixed(1)} s`)
        await sleep(pause, signal)
      }
    }
  }
}

function kindOf(said: string, code: ErrorCode | undefined): Kind {
  if (code === 'disk.full' || /no space left/i.test(said)) return 'full'
  if (/toomanyrequests|too many requests|rate limit|\b429\b/i.test(said)) return 'limited'
  if (
    /dial tcp|no such host|timeout|timed out|tls|x509|connection re|\bEOF\b|proxyconnect|unreachable/i.test(
      said,
    )
  )
    return 'unreachable'
  if (/unauthorized|authentication required|denied: requested access|no basic auth/i.test(said))
    return 'denied'
  if (
    code === 'engine.missing' ||
    /not found|manifest unknown|does not exist|no matching manifest/i.test(said)
  )
    return 'missing'
  return 'other'
}

function pullError(reference: string, kind: Kind, said: string, cause: unknown): SummonerError {
  const registry = registryOf(reference)
  const words: Record<Exclude<Kind, 'full'>, [what: string, hint: string]> = {
    missing: [
      `There is no image ${reference} on ${registry}`,
      'Check the version; for a processor other than amd64, check that the image is made for it.',
    ],
    denied: [
      `${registry} does not give ${reference} to this server`,
      'Check the name; for a private image run `docker login` as root first.',
    ],
    limited: [
      `${registry} limits how much this address may pull`,
      'Wait an hour, run `docker login` as root, or set `images: distro`.',
    ],
    unreachable: [
      `${registry} cannot be reached from this server, so ${reference} cannot be had`,
      'Check the network and the proxy of the Docker engine. What `summoner templates` marks under DISTRO is built here with `images: distro`.',
    ],
    other: [`${reference} could not be pulled`, 'The detail is what the engine said.'],
  }
  if (kind === 'full')
    return new SummonerError('disk.full', `No space is left for ${reference}: ${said}`, { cause })
  const [what, hint] = words[kind]
  return new SummonerError('image.unavailable', `${what}. The engine said: ${said}`, { hint, cause })
}

/** The registry a reference names; the engine's own default is Docker Hub. */
export function registryOf(reference: string): string {
  const [first = ''] = reference.split('/')
  const named = reference.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  return named ? first : 'docker.io'
}
