/** Asks nginx over HTTP which generation it serves; each question is a fresh connection, so any worker may answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import { http } from '../node-http.ts'
import { LAYOUT } from './layout.ts'

/** The master tells its old workers to leave 100 ms after the new ones have started: agreement must outlast that. */
const AGREEMENT_MS = 150
const AGREEING_ANSWERS = 6
const PAUSE_MS = 12

export interface Probe {
  once(): Promise<string | undefined>
  /** true once every worker answers with this generation; false when that does not happen in time. */
  until(generation: string, timeoutMs: number): Promise<boolean>
}

export function createProbe({ port, now = Date.now }: { port: number; now?: () => number }): Probe {
  const once = (): Promise<string | undefined> =>
    new Promise((resolve) => {
      const request = http.get(
        { host: '127.0.0.1', port, path: LAYOUT.marker, agent: false, timeout: 1000 },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (part: string) => (text = (text + part).slice(0, 200)))
          response.on('end', () => resolve(response.statusCode === 200 ? text.trim() : undefined))
          response.on('error', () => resolve(undefined))
        },
      )
      request.on('timeout', () => request.destroy())
      request.on('error', () => resolve(undefined))
    })

  return {
    once,
    async until(generation, timeoutMs) {
      const deadline = now() + timeoutMs
      let since: number | undefined
      let answers = 0
      while (now() < deadline) {
        if ((await once()) === generation) {
          since ??= now()
          answers++
          if (answers >= AGREEING_ANSWERS && now() - since >= AGREEMENT_MS) return true
        } else {
          since = undefined
          answers = 0
        }
        await sleep(PAUSE_MS)
      }
      return false
    },
  }
}
