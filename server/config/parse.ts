/** config.yml's text -> the box it describes, or every finding with its line and column. Pure. */
import type { Document } from 'yaml'
import { SummonerError } from '../errors.ts'
import type { Config } from './config.ts'
import { normalise } from './normalise.ts'
import { readBySchema } from './read-by-schema.ts'
import { ConfigFileSchema, type WrittenConfig } from './schema.ts'
import { readYaml, type Finding, type YamlSource } from './yaml-source.ts'

/** `path`: where config.yml lies (relative folders start there); `home`: what `~` stands for. */
export interface ConfigPlace {
  path: string
  home: string
}

export interface ParsedConfig {
  config: Config
  document: Document.Parsed
}

/** A page of findings helps; what follows is mostly their consequence. */
const MAX_LISTED = 100

/** Throws `config.invalid` with all findings in the order of the file. Linear in the text; bombs are refused early. */
export function parseConfig(text: string, place: ConfigPlace): ParsedConfig {
  const source = readYaml(text)
  if (source.findings.length > 0) throw invalid(source, source.findings, place.path)
  const reading = readBySchema(source.document.contents, ConfigFileSchema as object)
  if (reading.findings.length > 0) throw invalid(source, reading.findings, place.path)
  const { summoner } = reading.value as { summoner: WrittenConfig }
  const { config, findings } = normalise(summoner, place)
  if (findings.length > 0) {
    const placed = findings.map(({ at, ...rest }) => ({ ...rest, offset: reading.at(`summoner.${at}`) }))
    throw invalid(source, placed, place.path)
  }
  return { config, document: source.document }
}

function invalid(source: YamlSource, findings: Finding[], path: string): SummonerError {
  const errors = findings
    .toSorted((one, other) => one.offset - other.offset)
    .slice(0, MAX_LISTED)
    .map(({ offset, ...rest }) => ({ ...rest, path, ...source.place(offset) }))
  const [first] = errors
  const { detail = '', hint, ...at } = first ?? {}
  return new SummonerError('config.invalid', detail, { at, errors, ...(hint === undefined ? {} : { hint }) })
}
