/** Reads one template folder: its two files, checked alone and against each other. Never throws for what it reads. */
import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { asSummonerError } from '../errors.ts'
import { checkDocument } from './check-document.ts'
import { composeShape, crossCheck } from './cross-check.ts'
import { placeOf, readDocument, type Finding, type Source } from './document.ts'
import { consumedFiles, hashFiles, readFolder, type FolderFile } from './folder.ts'
import { recordOf } from './plain.ts'
import { TemplateSchema, type ComposeFile, type Template, type TemplateDescription } from './template.ts'

export interface ReadTemplate {
  name: string
  /** Undefined when a finding is in the way. */
  template?: Template
  findings: Finding[]
}

export interface TemplateReader {
  minionsDir: string
  /** 12 hex over a build context (`images/`). Throws when the folder is not one. */
  hashContext(dir: string): string
}

export function readTemplate(name: string, reader: TemplateReader): ReadTemplate {
  const dir = join(reader.minionsDir, name)
  let files: FolderFile[]
  try {
    files = readFolder(dir)
  } catch (error) {
    const detail = error instanceof Error ? error.message : 'The folder cannot be read.'
    return { name, findings: [{ detail, path: `minions/${name}` }] }
  }
  const minion = readFile(files, name, 'minion.yml')
  const compose = readFile(files, name, 'compose.yml')
  const findings = [...minion.findings, ...compose.findings]
  if (minion.findings.length === 0)
    findings.push(...checkDocument(minion.source, minion.value, TemplateSchema))
  if (compose.findings.length === 0) findings.push(...composeShape(compose.value, compose.source))
  if (findings.length > 0) return { name, findings }

  const description = minion.value as TemplateDescription
  const composeFile = compose.value as ComposeFile
  findings.push(
    ...crossCheck({
      name,
      description,
      compose: composeFile,
      minionSource: minion.source,
      composeSource: compose.source,
    }),
  )
  const { builds, findings: buildFindings } = readBuilds(dir, description, minion.source, reader)
  findings.push(...buildFindings)
  if (findings.length > 0) return { name, findings }
  const template: Template = {
    name,
    dir,
    description,
    compose: composeFile,
    composeText: compose.text,
    hash: hashFiles(files, builds),
    consumed: hashFiles(consumedFiles(files, composeFile), composeFile),
    builds,
  }
  return { name, template, findings }
}

function readFile(files: readonly FolderFile[], name: string, file: string) {
  const path = `minions/${name}/${file}`
  const text = files.find((it) => it.path === file)?.data.toString('utf8')
  const read = readDocument(text ?? '', path)
  if (text === undefined) read.findings.push({ detail: `${file} is missing.`, path, line: 1, column: 1 })
  else if (read.findings.length === 0 && Object.keys(recordOf(read.value)).length === 0) {
    read.findings.push({ detail: `${file} is empty or not a map.`, path, line: 1, column: 1 })
  }
  return { ...read, text: text ?? '' }
}

/** A build context lies in the template or is shared by several, but never outside the folder of all templates. */
function readBuilds(
  dir: string,
  description: TemplateDescription,
  source: Source,
  { minionsDir, hashContext }: TemplateReader,
): { builds: Record<string, string>; findings: Finding[] } {
  const builds: Record<string, string> = {}
  const findings: Finding[] = []
  for (const [service, { distro }] of Object.entries(description.images)) {
    if (!distro) continue
    const at = placeOf(source, ['images', service, 'distro', 'context'])
    const context = resolve(dir, distro.context)
    const inside = relative(resolve(minionsDir), context)
    try {
      if (inside.startsWith('..') || inside === '' || !existsSync(context)) {
        throw new Error(`"${distro.context}" is not a folder among the templates`)
      }
      builds[service] = hashContext(context)
    } catch (error) {
      const known = asSummonerError(error)
      const reason = known.code === 'internal' && error instanceof Error ? error.message : known.message
      findings.push({ detail: `images.${service}.distro.context: ${reason}.`.replace(/\.\.$/, '.'), ...at })
    }
  }
  return { builds, findings }
}
