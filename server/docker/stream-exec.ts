/** Programs of the host whose output or input is too large to be held: bytes pass through at the reader's pace. */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { programStarter, type ProgramDeps } from './child.ts'
import type { StreamExec, StreamOptions } from './container.ts'
import { collect, judge } from './exec.ts'

const WORDS_LIMIT = 64 * 1024
/** Streams take as long as the data is long; a reader that wants less hands in a signal. */
const DAY_MS = 24 * 3_600_000

export function createStreamExec(deps: ProgramDeps): StreamExec {
  const start = programStarter(deps)
  const begin = (argv: readonly string[], options: StreamOptions) =>
    start(argv, { timeoutMs: DAY_MS, ...options })

  return {
    async *read(argv, options = {}) {
      const child = begin(argv, options)
      const said = collect(child.process.stderr, options.onLine, WORDS_LIMIT)
      let whole = false
      try {
        child.process.stdin.end()
        for await (const chunk of child.process.stdout) yield chunk as Buffer
        const [code, stderr] = await Promise.all([child.exited, said])
        whole = true
        judge({ code, stdout: '', stderr }, argv, options, child.ending(), deps.redact)
      } finally {
        if (!whole) child.kill()
        child.forget()
      }
    },

    async feed(argv, input, options = {}) {
      const child = begin(argv, options)
      const output = Promise.all([
        collect(child.process.stdout, options.onLine, WORDS_LIMIT),
        collect(child.process.stderr, options.onLine, WORDS_LIMIT),
      ])
      try {
        const gone = new AbortController()
        void child.exited.catch(() => {}).then(() => gone.abort())
        await pour(input, child.process.stdin, gone.signal)
        const [code, [stdout, stderr]] = await Promise.all([child.exited, output])
        return judge({ code, stdout, stderr }, argv, options, child.ending(), deps.redact)
      } catch (error) {
        // an end of input would look like the end of the data
        child.kill()
        await child.exited.catch(() => {})
        throw error
      } finally {
        child.forget()
      }
    },
  }
}

/** Stops without a word when the program is gone: its own exit code says more than a broken pipe. */
async function pour(input: AsyncIterable<Uint8Array>, to: Writable, gone: AbortSignal): Promise<void> {
  for await (const chunk of input) {
    if (gone.aborted || to.destroyed) return
    if (to.write(chunk)) continue
    try {
      await once(to, 'drain', { signal: gone })
    } catch {
      return
    }
  }
  to.end()
}
