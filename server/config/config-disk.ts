/** config.yml as bytes: read as UTF-8 text or refused, earlier versions kept, what a crash left removed. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { SummonerError } from '../errors.ts'
import { writeFileAtomic } from './write-file.ts'
import { MAX_BYTES } from './yaml-source.ts'

const KEPT = 20

export function readText(path: string): string {
  let bytes: Buffer
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw Object.assign(new Error('not a file'), { code: 'not a file' })
    if (stat.size > MAX_BYTES) {
      throw new SummonerError('config.invalid', `The file is larger than ${MAX_BYTES / 1024} KiB.`, {
        at: { path, line: 1, column: 1 },
      })
    }
    bytes = readFileSync(path)
  } catch (error) {
    if (error instanceof SummonerError) throw error
    const { code } = error as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? String(error)})`
    throw new SummonerError('config.unreadable', `${path} ${reason}.`, { at: { path }, cause: error })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    const valid = bytes.toString('utf8').split('\ufffd')[0]?.split('\n') ?? ['']
    throw new SummonerError('config.invalid', 'The file is not UTF-8 text.', {
      at: { path, line: valid.length, column: (valid.at(-1)?.length ?? 0) + 1 },
      cause: error,
    })
  }
}

/** Under the lock nobody writes: a `.tmp` is what a killed daemon left. */
export function removeLeftovers(path: string): void {
  const target = existsSync(path) ? realpathSync(path) : path
  for (const name of readdirSync(dirname(target))) {
    const ours = name.startsWith(`${basename(target)}.`) && name.endsWith('.tmp')
    if (ours) rmSync(join(dirname(target), name), { force: true })
  }
}

export function keepPrevious(folder: string, text: string, now: Date): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(folder)) if (name.endsWith('.tmp')) unlinkSync(join(folder, name))
  const kept = () => readdirSync(folder).filter((name) => /^config-[^/]*\.yml$/.test(name))
  const moment = now.toISOString().replace(/[:.]/g, '-')
  // A second change in the same millisecond must not replace the first one's copy.
  const count = kept().filter((name) => name.startsWith(`config-${moment}`)).length
  const name = `config-${moment}-${String(count).padStart(3, '0')}.yml`
  writeFileAtomic(join(folder, name), text, { mode: 0o600 })
  for (const old of kept().sort().slice(0, -KEPT)) unlinkSync(join(folder, old))
}

export function notWritten(path: string, error: unknown): SummonerError {
  const { code, message } = error as NodeJS.ErrnoException
  const reason =
    {
      ENOSPC: 'the disk is full',
      EDQUOT: 'the disk quota is used up',
      EROFS: 'the file system is read-only',
    }[code ?? ''] ?? message
  return new SummonerError('config.write', `${path} was not changed: ${reason}.`, {
    at: { path },
    cause: error,
  })
}
