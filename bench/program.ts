/** Programs of the host, as a person would call them. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Standard output; throws with what the program said when it fails. */
export async function program(
  name: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const { stdout } = await run(name, args, { maxBuffer: 16 * 1024 * 1024, ...options })
  return stdout
}

/** A load generator in a process of its own, so that it does not share the event loop of what it measures. */
export async function load<T>(file: string, input: unknown): Promise<T> {
  return JSON.parse(await program(process.execPath, [file, JSON.stringify(input)])) as T
}
