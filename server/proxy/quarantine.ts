/** Finds the host files that nginx refuses, so that one broken host never keeps the others from being served. */
import { LAYOUT } from './layout.ts'
import type { HostFile } from './render-tree.ts'

export interface Refused {
  file: HostFile
  message: string
}

/** nginx's complaint about a configuration with only these host files; undefined when it accepts it. */
export type TestHosts = (files: readonly HostFile[]) => Promise<string | undefined>

/**
 * `message` is what nginx said about all of `files`. A file that nginx names is believed after a test without it;
 * where it names none, halves are tested until single files remain. Nothing refused means that the fault is not a host's.
 */
export async function findRefused(
  files: readonly HostFile[],
  message: string,
  test: TestHosts,
): Promise<Refused[]> {
  const refused: Refused[] = []
  let left = files
  let complaint: string | undefined = message
  while (complaint !== undefined && left.length > 0) {
    const said: string = complaint
    const named = left.filter(({ path, text }) => names(said, path, text))
    let found: Refused[] = named.map((file) => ({ file, message: said }))
    if (named.length !== 1) found = (await test([])) === undefined ? await halves(left, said, test) : []
    if (found.length === 0) return refused
    refused.push(...found)
    left = left.filter((file) => !found.some((one) => one.file === file))
    complaint = await test(left)
  }
  return refused
}

/** By its own path (`… in <file>:<line>`), or by the certificate that it alone uses. */
function names(message: string, path: string, text: string): boolean {
  if (message.includes(`${LAYOUT.tree}/${path}:`)) return true
  const certificate = new RegExp(`${LAYOUT.certificates}/[A-Za-z0-9._/-]+`).exec(message)?.[0]
  return certificate !== undefined && text.includes(` ${certificate};`)
}

async function halves(files: readonly HostFile[], message: string, test: TestHosts): Promise<Refused[]> {
  const [only] = files
  if (files.length === 1 && only) return [{ file: only, message }]
  const middle = Math.ceil(files.length / 2)
  const found: Refused[] = []
  for (const half of [files.slice(0, middle), files.slice(middle)]) {
    const complaint = await test(half)
    if (complaint !== undefined) found.push(...(await halves(half, complaint, test)))
  }
  return found
}
