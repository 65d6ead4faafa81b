/** What the rooms know of a container: the engine's answer, cut to what we use. */

export const LABEL = {
  /** Id of the box that owns the object; nothing without our own id is ever touched. */
  box: 'io.summoner.box',
  minion: 'io.summoner.minion',
  template: 'io.summoner.template',
  configHash: 'io.summoner.config-hash',
  /** `build` marks images of ours, `task` marks one-shot containers that a crash may leave behind. */
  kind: 'io.summoner.kind',
} as const

export interface Container {
  id: string
  /** Without the leading slash. */
  name: string
  image: string
  imageId: string
  labels: Record<string, string>
  project?: string
  service?: string
  state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'
  /** Docker's own health check; `none` where the image has none. */
  health: 'none' | 'starting' | 'healthy' | 'unhealthy'
  /** What the last health check of an unhealthy one said. */
  probe?: string
  /** Its first process as the host sees it, while it runs. */
  pid?: number
  exitCode: number
  /** Ended for want of memory. */
  starved?: boolean
  /** Ended because the engine was asked to stop it; known only from the moment itself. */
  asked?: boolean
  restartCount: number
  startedAt?: string
  finishedAt?: string
  restartPolicy: string
  /** Bytes; 0 = no limit. */
  memoryLimit: number
  /** network name -> IPv4 address. */
  networks: Record<string, string>
  networkMode: string
  env: Record<string, string>
  exposedPorts: number[]
}

export interface ExecOptions {
  cwd?: string
  /** Added to a minimal environment (PATH, HOME, LANG, proxy); secrets go here, never into argv. */
  env?: Record<string, string>
  input?: string | Uint8Array
  /** Default 10 minutes. */
  timeoutMs?: number
  signal?: AbortSignal
  /** One call per line of stdout and stderr, as it comes. */
  onLine?: (line: string) => void
  /** Exit codes that are not an error; default [0]. */
  ok?: number[]
}

export interface ExecResult {
  code: number
  stdout: string
  stderr: string
}

/** Runs a program of the host: argv only, no shell, own process group, killed at boot if a crash left it behind. */
export type Exec = (argv: readonly string[], options?: ExecOptions) => Promise<ExecResult>

export type StreamOptions = Pick<ExecOptions, 'cwd' | 'env' | 'signal' | 'timeoutMs' | 'onLine'>

/** Programs whose data is too large to be held. Every exit code but 0 is an error; bytes pass at the slower side's pace. */
export interface StreamExec {
  /** Standard output as it comes. Who stops reading early ends the program. */
  read(argv: readonly string[], options?: StreamOptions): AsyncGenerator<Buffer, void, undefined>
  /** Standard input from `input`. Where reading that fails, the program is killed, so that it never takes a part for the whole. */
  feed(
    argv: readonly string[],
    input: AsyncIterable<Uint8Array>,
    options?: StreamOptions,
  ): Promise<ExecResult>
}

export interface Stats {
  /** Percent of one core since the previous sample. */
  cpu: number
  /** Bytes, without page cache. */
  memory: number
  memoryLimit: number
  networkIn: number
  networkOut: number
  blockRead: number
  blockWrite: number
  pids: number
}

export interface EngineInfo {
  version: string
  apiVersion: string
  os: string
  storageDriver: string
  rootDir: string
  cpus: number
  memory: number
}

export interface EngineNetwork {
  id: string
  name: string
  labels: Record<string, string>
  subnets: string[]
  containers: number
}

export interface EngineEvent {
  type: string
  action: string
  id: string
  attributes: Record<string, string>
  /** Nanoseconds since the epoch. */
  timeNano: number
}

export interface EngineImage {
  id: string
  digests: string[]
  labels: Record<string, string>
  size: number
  /** Every name it has. */
  tags: string[]
}

export interface TransferOptions {
  onProgress?: (done: number, total: number, message: string) => void
  signal?: AbortSignal
  /** For a registry that asks who comes. */
  account?: { user: string; password: string }
}

export interface TerminalSize {
  rows: number
  columns: number
}

/** A program that a person types into. */
export interface Terminal {
  /** What it writes, at the reader's pace; ends with the program. */
  output: AsyncIterable<Uint8Array>
  write(data: string): void
  resize(size: TerminalSize): Promise<void>
  /** Hangs up, and sees to it that the program is gone. */
  end(): Promise<void>
  /** With which it ended. */
  code(): Promise<number | undefined>
}

/** The only door to the Docker engine (dockerode inside). Every failure is `engine.*` from the catalogue. */
export interface Engine {
  info(): Promise<EngineInfo>
  listContainers(filter?: { labels?: string[] }): Promise<Container[]>
  inspect(idOrName: string): Promise<Container>
  start(id: string): Promise<void>
  stop(id: string, timeoutSeconds?: number): Promise<void>
  restart(id: string, timeoutSeconds?: number): Promise<void>
  /** `volumes`: its anonymous volumes too, as `docker run --rm` does. */
  remove(id: string, options?: { volumes?: boolean }): Promise<void>
  kill(id: string, signal: string): Promise<void>
  listNetworks(): Promise<EngineNetwork[]>
  removeNetwork(id: string): Promise<void>
  /** A container joins a network, where the others also find it by these names; no error when it is there already. */
  connectNetwork(id: string, container: string, aliases: readonly string[]): Promise<void>
  /** No error when it is not there. */
  disconnectNetwork(id: string, container: string): Promise<void>
  /** argv inside a running container; no TTY. `env` carries secrets. Output is capped at 1 MiB. */
  execIn(
    id: string,
    argv: readonly string[],
    options?: { env?: Record<string, string>; user?: string; timeoutMs?: number },
  ): Promise<ExecResult>
  /** argv inside a running container, on a TTY. */
  terminal(id: string, argv: readonly string[], size: TerminalSize): Promise<Terminal>
  /** Yields lines `{at, stream, line}`; ends when the container does, unless `follow`. */
  logs(
    id: string,
    options: { follow?: boolean; since?: string; tail?: number; signal?: AbortSignal },
  ): AsyncIterable<{ at: string; stream: 'stdout' | 'stderr'; line: string }>
  stats(id: string): Promise<Stats>
  image(reference: string): Promise<EngineImage | undefined>
  pull(reference: string, options: TransferOptions): Promise<void>
  /** The digest under which the registry of the reference keeps it. */
  push(reference: string, options: TransferOptions): Promise<string>
  /** Another name for an image that is here. */
  tag(reference: string, as: string): Promise<void>
  /** Takes one name away; an image without names goes with the last one. No error when there is none. */
  untag(reference: string): Promise<void>
  /** Builds from a tar stream of the context; host network, so that package mirrors are reached as the host does. */
  build(
    context: NodeJS.ReadableStream,
    options: {
      tag: string
      args?: Record<string, string>
      labels?: Record<string, string>
      onLine?: (line: string) => void
      signal?: AbortSignal
    },
  ): Promise<string>
  importImage(tar: NodeJS.ReadableStream, reference: string): Promise<void>
  /** Resolves when the stream is open; `onEnd` is called once when it breaks. */
  events(
    since: number | undefined,
    onEvent: (event: EngineEvent) => void,
    onEnd: (error?: Error) => void,
  ): Promise<{ close(): void }>
}
