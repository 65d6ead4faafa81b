/** A daemon of the tests: answers on a Unix socket what a test tells it to, and keeps the API's contract of shapes. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Job } from '../jobs/job.ts'
import type { Minion } from '../minions/minion.ts'
import { createApi } from './api.ts'
import type { World } from './command.ts'
import { commands } from './commands.ts'
import type { Sink } from './output.ts'
import { run } from './run.ts'

export interface Asked {
  method: string
  path: string
  body: unknown
}

export type Answer =
  Record<string, unknown> | unknown[] | null | ((request: Asked, response: ServerResponse) => unknown)

export const LATER = Symbol('the answer writes itself')

export const problem = (status: number, code: string, title: string, more: object = {}) => ({
  type: `urn:summoner:problem:${code}`,
  status,
  code,
  title,
  detail: `${title}.`,
  hint: 'Do something.',
  ...more,
})

/** A socket's path holds about 100 characters: the folder of a test is too long for it. */
export function socketFor(t: { teardown(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'summoner-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 's')
}

/** Answers by `METHOD /path` (query included, or else without it). A body with `status >= 400` is a problem. */
export function createDaemon(socketPath: string, answers: Record<string, Answer>) {
  const asked: Asked[] = []
  const sockets = new Set<Socket>()
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').replace(/^\/api\/v1/u, '')
    const body = await text(request)
    const entry: Asked = {
      method: request.method ?? '',
      path,
      body: body === '' ? undefined : JSON.parse(body),
    }
    asked.push(entry)
    const answer = answers[`${entry.method} ${path}`] ?? answers[`${entry.method} ${path.split('?')[0]}`]
    const value: unknown = typeof answer === 'function' ? await answer(entry, response) : answer
    if (value === LATER) return
    if (value === undefined)
      response.writeHead(404).end(JSON.stringify(problem(404, 'route.unknown', 'No such address')))
    else if (value === null) response.writeHead(204).end()
    else {
      const status = (value as { status?: unknown }).status
      response.writeHead(typeof status === 'number' && status >= 400 ? status : 200, {
        'content-type': 'application/json',
      })
      response.end(JSON.stringify(value))
    }
  }
  const server = createServer((request, response) => void handle(request, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return {
    asked,
    listen: () => new Promise<void>((resolve) => server.listen(socketPath, resolve)),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Writes server-sent events; ends the stream unless told to leave it open. */
export function sendEvents(
  response: ServerResponse,
  events: [event: string, data: unknown][],
  open = false,
): symbol {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const [event, data] of events) response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  if (!open) response.end()
  return LATER
}

export const jobOf = (state: Job['state'], more: Partial<Job> = {}): Job => ({
  id: '01J',
  kind: 'summon',
  minion: 'wordpress',
  state,
  actor: 'local',
  createdAt: '2026-01-01T00:00:00.000Z',
  steps: [],
  ...more,
})

export const minionOf = (name: string, more: Partial<Minion> = {}): Minion => ({
  name,
  template: name,
  status: 'running',
  desired: 'running',
  drift: [],
  pending: false,
  containers: [],
  url: `https://${name}.kit.test`,
  ...more,
})

export interface Typed {
  terminal?: boolean
  columns?: number
  /** Answers to questions, in order; absent: there is no terminal to ask on. */
  replies?: string[]
  input?: string
  world?: Partial<World>
}

/** Runs a command line as a person or a script would, against the socket. */
export async function type(socketPath: string, argv: string[], typed: Typed = {}) {
  let stdout = ''
  let stderr = ''
  const questions: string[] = []
  const interrupts = new Set<() => void>()
  const sink = (write: (text: string) => void): Sink => ({
    write,
    terminal: typed.terminal ?? false,
    columns: () => typed.columns ?? 100,
    rows: () => 40,
  })
  const replies = [...(typed.replies ?? [])]
  const { input } = typed
  const code = await run(argv, {
    commands,
    api: createApi({ socketPath }),
    stdout: sink((text) => (stdout += text)),
    stderr: sink((text) => (stderr += text)),
    color: false,
    version: '9.9.9',
    world: {
      cwd: '/nowhere',
      home: '/nowhere',
      configFile: '/nowhere/config.yml',
      now: () => Date.parse('2026-01-01T12:00:00Z'),
      sleep: () => new Promise((resolve) => setImmediate(resolve)),
      ...(typed.replies
        ? {
            ask: async (question: string) => {
              questions.push(question)
              return replies.shift() ?? ''
            },
          }
        : {}),
      ...(input === undefined ? {} : { readInput: async () => input }),
      onInterrupt: (listener) => {
        interrupts.add(listener)
        return () => interrupts.delete(listener)
      },
      ...typed.world,
    },
  })
  return { code, stdout, stderr, questions }
}
