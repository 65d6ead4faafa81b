/** Every template there is. A broken one is listed with its problem and never hides the others. */
import { readdirSync } from 'node:fs'
import { NAME } from '../config/config.ts'
import { didYouMean } from '../config/suggest.ts'
import { SummonerError } from '../errors.ts'
import type { Finding } from './document.ts'
import { fingerprint } from './folder.ts'
import { readTemplate, type ReadTemplate, type TemplateReader } from './read-template.ts'
import type { Catalog } from './template.ts'

export interface TemplateCatalog extends Catalog {
  /** What stands in the way of this template; empty when nothing does. `template.unknown` without such a folder. */
  findings(name: string): Finding[]
}

export function createCatalog(reader: TemplateReader): TemplateCatalog {
  let entries = new Map<string, ReadTemplate>()
  let seen: string | undefined
  const reload = () => {
    // Every plan and apply reads the catalogue again; mostly nothing has changed.
    const now = fingerprintOf(reader.minionsDir)
    if (now !== undefined && now === seen) return
    seen = now
    entries = new Map(namesIn(reader.minionsDir).map((name) => [name, readTemplate(name, reader)]))
  }
  const entryOf = (name: string): ReadTemplate => {
    const entry = entries.get(name)
    if (entry) return entry
    const detail = `There is no template "${name.slice(0, 60)}"${didYouMean(name, entries.keys()) || '.'}`
    throw new SummonerError('template.unknown', detail)
  }
  reload()
  return {
    reload,
    list: () => [...entries.values()].flatMap(({ template }) => (template ? [template] : [])),
    get(name) {
      const { template, findings } = entryOf(name)
      if (template) return template
      const first = findings[0]
      const { detail = 'It cannot be read.', hint: _hint, ...at } = first ?? {}
      throw new SummonerError('template.invalid', `The template "${name}" is not valid: ${detail}`, {
        at,
        errors: findings,
      })
    },
    broken: () =>
      [...entries.values()].flatMap(({ name, template, findings }) => {
        const { detail = 'It cannot be read.', path = name, line } = findings[0] ?? {}
        return template
          ? []
          : [{ name, problem: `${line === undefined ? path : `${path}:${line}`}: ${detail}` }]
      }),
    findings: (name) => entryOf(name).findings,
  }
}

/** Undefined when something changes under the reader's hands: then everything is read. */
function fingerprintOf(dir: string): string | undefined {
  try {
    return fingerprint(dir)
  } catch {
    return undefined
  }
}

/** Folders whose name could be a template's; `.distro` and the like hold what templates share. */
function namesIn(dir: string): string[] {
  const name = new RegExp(NAME)
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && name.test(entry.name))
      .map((entry) => entry.name)
      .toSorted()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
