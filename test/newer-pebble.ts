/** A pebble newer than Debian's, built by Go where there is one: renewal information, `replaces` and profiles. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const VERSION = 'v2.10.1'
const FOLDER = resolve(import.meta.dirname, '../.runtime', `pebble-${VERSION}`)
const PROGRAM = join(FOLDER, 'pebble')
const GO = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/go/bin']
  .map((folder) => join(folder, 'go'))
  .find((file) => existsSync(file))

/** Built once for the checkout; why it is not there otherwise. */
export async function newerPebble(): Promise<{ program: string } | { missing: string }> {
  if (existsSync(PROGRAM)) return { program: PROGRAM }
  if (GO === undefined) return { missing: 'no Go to build a newer pebble with' }
  mkdirSync(FOLDER, { recursive: true })
  try {
    await promisify(execFile)(GO, ['install', `github.com/letsencrypt/pebble/v2/cmd/pebble@${VERSION}`], {
      env: { ...process.env, GOBIN: FOLDER },
      timeout: 400_000,
    })
  } catch (error) {
    return { missing: `Go could not build a newer pebble: ${String(error).slice(0, 300)}` }
  }
  return { program: PROGRAM }
}
