/** Writes an imported template into the folder of templates: whole or not at all, and never over another. */
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncFolder } from '../../config/write-file.ts'
import { SummonerError } from '../../errors.ts'
import type { ImportReport } from './report.ts'

const BINARY = 'data:application/octet-stream;base64,'

export function createTemplate(
  minionsDir: string,
  { name, files }: Pick<ImportReport, 'name' | 'files'>,
): void {
  mkdirSync(minionsDir, { recursive: true })
  // A leading dot keeps it out of the catalogue, also when the power fails here.
  const temporary = mkdtempSync(join(minionsDir, `.${name}.tmp-`))
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = join(temporary, path)
      mkdirSync(dirname(file), { recursive: true })
      const data = text.startsWith(BINARY) ? Buffer.from(text.slice(BINARY.length), 'base64') : text
      // Compose mounts and builds read these files; a script among them must stay executable.
      const executable = typeof data === 'string' && data.startsWith('#!')
      writeFileSync(file, data, { flag: 'wx', mode: executable ? 0o755 : 0o644, flush: true })
    }
    chmodSync(temporary, 0o755)
    // Fails on a folder that is not empty, so nobody else's template is ever replaced.
    renameSync(temporary, join(minionsDir, name))
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTEMPTY' || code === 'EEXIST') throw exists(name)
    throw error
  }
  syncFolder(minionsDir)
}

const exists = (name: string) =>
  new SummonerError('import.question', `A template called ${name} exists.`, {
    hint: 'Choose another name with --name.',
  })
