/** The Docker engine over dockerode: the door of `container.ts`, with the catalogue's errors. */
import { Docker } from './dockerode.ts'
import { SummonerError } from '../errors.ts'
import type { Container, Engine, EngineEvent } from './container.ts'
import { engineError, unlessMissing } from './engine-errors.ts'
import { createEngineImages } from './engine-images.ts'
import { openTerminal } from './engine-terminal.ts'
import { toContainer } from './inspect.ts'
import { createSampler } from './stats.ts'
import { demultiplex, jsonLines, logLines } from './streams.ts'

/** Actions after which a container is another; without a health probe's own, which are most of what an engine says. */
const TOLD =
  'create start restart stop die oom pause unpause update rename destroy health_status connect disconnect'.split(
    ' ',
  )
const INSPECTS_AT_ONCE = 8
const OUTPUT_LIMIT = 1024 * 1024

export function createEngine({ socketPath }: { socketPath: string }): Engine {
  const docker = new Docker({ socketPath })
  const sampler = createSampler()
  const guard = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw engineError(error, doing)
    }
  }

  const inspect = (id: string): Promise<Container> =>
    guard(`Reading container ${id.slice(0, 64)}`, async () =>
      toContainer(await docker.getContainer(id).inspect()),
    )

  const engine: Engine = {
    info: () =>
      guard('Reading the engine', async () => {
        const [version, info] = await Promise.all([docker.version(), docker.info() as Promise<RawInfo>])
        return {
          version: version.Version,
          apiVersion: version.ApiVersion,
          os: info.OperatingSystem,
          storageDriver: info.Driver,
          rootDir: info.DockerRootDir,
          cpus: info.NCPU,
          memory: info.MemTotal,
        }
      }),

    listContainers: ({ labels } = {}) =>
      guard('Listing containers', async () => {
        const list = await docker.listContainers({
          all: true,
          ...(labels ? { filters: { label: labels } } : {}),
        })
        const found: Container[] = []
        for (let at = 0; at < list.length; at += INSPECTS_AT_ONCE) {
          const part = await Promise.all(
            list.slice(at, at + INSPECTS_AT_ONCE).map((item) => unlessMissing(inspect(item.Id))),
          )
          found.push(...part.filter((container) => container !== undefined))
        }
        return found
      }),

    inspect,
    start: (id) => guard(`Starting ${id}`, () => ignoreUnchanged(docker.getContainer(id).start())),
    stop: (id, t = 60) => guard(`Stopping ${id}`, () => ignoreUnchanged(docker.getContainer(id).stop({ t }))),
    restart: (id, t = 60) => guard(`Restarting ${id}`, () => docker.getContainer(id).restart({ t })),
    remove: (id, { volumes = false } = {}) =>
      guard(`Removing ${id}`, () => unlessGoing(docker.getContainer(id).remove({ force: true, v: volumes }))),
    kill: (id, signal) => guard(`Signalling ${id}`, () => docker.getContainer(id).kill({ signal })),

    listNetworks: () =>
      guard('Listing networks', async () =>
        (await docker.listNetworks()).map((network) => ({
          id: network.Id,
          name: network.Name,
          labels: network.Labels ?? {},
          subnets: (network.IPAM?.Config ?? [])
            .map((config) => config.Subnet ?? '')
            .filter((subnet) => subnet !== ''),
          containers: Object.keys(network.Containers ?? {}).length,
        })),
      ),
    connectNetwork: (id, container, aliases) =>
      guard(`Connecting ${container.slice(0, 64)}`, () =>
        unlessSaid(/already exists/, () =>
          docker.getNetwork(id).connect({ Container: container, EndpointConfig: { Aliases: [...aliases] } }),
        ),
      ),
    disconnectNetwork: (id, container) =>
      guard(`Disconnecting ${container.slice(0, 64)}`, () =>
        unlessSaid(/is not connected/, () =>
          docker.getNetwork(id).disconnect({ Container: container, Force: true }),
        ),
      ),
    removeNetwork: (id) => guard(`Removing network ${id}`, () => docker.getNetwork(id).remove()),

    execIn: (id, argv, options = {}) =>
      guard(`Running ${argv[0]} in ${id}`, async () => {
        const exec = await docker.getContainer(id).exec({
          Cmd: [...argv],
          Env: Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`),
          ...(options.user ? { User: options.user } : {}),
          AttachStdout: true,
          AttachStderr: true,
        })
        const stream = await exec.start({ hijack: true, stdin: false })
        const output = { stdout: '', stderr: '' }
        const timer = setTimeout(() => stream.destroy(), options.timeoutMs ?? 120_000)
        try {
          for await (const { stream: name, data } of demultiplex(stream, false))
            if (output[name].length < OUTPUT_LIMIT) output[name] += data.toString('utf8')
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
        } finally {
          clearTimeout(timer)
        }
        const ended = await exec.inspect()
        if (ended.Running)
          throw new SummonerError('exec.timeout', `${argv[0]} did not end in time inside ${id}.`)
        return { code: ended.ExitCode ?? -1, ...output }
      }),

    terminal: (id, argv, size) =>
      guard(`Opening a terminal in ${id}`, () => openTerminal(docker, id, argv, size)),

    async *logs(id, { follow = false, since, tail, signal }) {
      const container = docker.getContainer(id)
      const options = {
        stdout: true,
        stderr: true,
        timestamps: true,
        ...(since ? { since: Math.floor(Date.parse(since) / 1000) } : {}),
        ...(tail === undefined ? {} : { tail }),
      }
      const info = await guard(`Reading ${id}`, () => container.inspect())
      const stream = await guard<NodeJS.ReadableStream | Buffer>(`Reading the logs of ${id}`, () =>
        follow
          ? container.logs({ ...options, follow: true, ...(signal ? { abortSignal: signal } : {}) })
          : container.logs({ ...options, follow: false }),
      )
      const source = Buffer.isBuffer(stream) ? once(stream) : (stream as unknown as AsyncIterable<Buffer>)
      try {
        yield* logLines(demultiplex(source, info.Config.Tty))
      } catch (error) {
        if (!signal?.aborted) throw engineError(error, `Reading the logs of ${id}`)
      }
    },

    stats: (id) =>
      guard(`Sampling ${id}`, async () => sampler(id, (await docker.getContainer(id).inspect()).State.Pid)),

    ...createEngineImages(docker, guard),

    events: (since, onEvent, onEnd) =>
      guard('Listening to the engine', async () => {
        const stream = (await docker.getEvents({
          ...(since === undefined ? {} : { since }),
          filters: { type: ['container', 'network'], event: TOLD },
        })) as NodeJS.ReadableStream & { destroy(): void }
        void (async () => {
          try {
            for await (const line of jsonLines<RawEvent>(stream)) onEvent(toEvent(line))
            onEnd()
          } catch (error) {
            onEnd(error as Error)
          }
        })()
        return { close: () => stream.destroy() }
      }),
  }
  return engine
}

interface RawInfo {
  OperatingSystem: string
  Driver: string
  DockerRootDir: string
  NCPU: number
  MemTotal: number
}
interface RawEvent {
  Type: string
  Action: string
  Actor: { ID: string; Attributes?: Record<string, string> }
  timeNano: number
}

function toEvent(raw: RawEvent): EngineEvent {
  return {
    type: raw.Type,
    action: raw.Action,
    id: raw.Actor.ID,
    attributes: raw.Actor.Attributes ?? {},
    timeNano: raw.timeNano,
  }
}

async function* once(data: Buffer): AsyncGenerator<Buffer> {
  yield data
}

/** 409: somebody else, such as compose, is removing it. */
async function unlessGoing(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!/removal of container \S+ is already in progress/u.test(String(error))) throw error
  }
}

/** It was so already. */
async function unlessSaid(words: RegExp, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!words.test((error as Error).message)) throw error
  }
}

/** 304: it was in that state already. */
async function ignoreUnchanged(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 304) throw error
  }
}
