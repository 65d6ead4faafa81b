/** The environment of a service: env files are read in, secrets leave the file, variables become inputs. */
import { listOf, recordOf, textOf } from '../plain.ts'
import { at, type Draft, type DraftService } from './draft.ts'
import { readEnvFile } from './env-file.ts'
import { isPlaceholder } from './image.ts'
import { inside } from './paths.ts'
import { isRecord, type SourcePlace } from './source.ts'
import { isSecretName } from './secret-names.ts'
import { variablesOf } from './variable-parts.ts'

interface Entry {
  key: string
  /** null: taken from whoever starts compose. */
  value: string | null
  where: SourcePlace
}

const PROXY_KEY = /^(VIRTUAL_|LETSENCRYPT_|HTTPS_METHOD$|SSL_POLICY$|CERT_NAME$)/
const URL_PASSWORD = /^([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:)([^\s@/]+)(@.*)$/is

export function readEnvironment(draft: Draft, service: DraftService): void {
  const entries = [...envFileEntries(draft, service), ...ownEntries(draft, service)]
  const merged = new Map<string, Entry>()
  for (const entry of entries) merged.set(entry.key, entry)
  for (const entry of merged.values()) {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(entry.key) || entry.key === '__proto__') {
      draft.findings.refuse(entry.where, {
        what: `“${entry.key.slice(0, 60)}” is not the name of a variable`,
        why: 'Names are letters, digits and underscores.',
        advice: 'Correct it in the file.',
      })
    } else if (PROXY_KEY.test(entry.key)) {
      service.proxied[entry.key] = entry.value ?? ''
    } else {
      service.environment[entry.key] = valueOf(draft, service, entry)
    }
  }
  addRequired(draft, service)
}

function valueOf(draft: Draft, service: DraftService, { key, value, where }: Entry): string {
  const { inputs, findings } = draft
  if (value === null) return inputs.rewrite(`\${${key}}`, where)
  if (value === '') return ''
  if (isPlaceholder(value)) {
    findings.change(where, `${key} is asked when the minion is summoned`, `“${value}” stands for a value.`)
    return isSecretName(key)
      ? `\${${inputs.secret(key, undefined, service.name)}}`
      : inputs.rewrite(`\${${key}}`, where)
  }
  const names = variablesOf(value)
  if (isSecretName(key)) {
    if (names.length === 0) return secret(draft, service, key, value, where)
    if (/^\$\{?\w+[^$]*$/.test(value)) inputs.markSecret(names[0] ?? '')
    return inputs.rewrite(value, where)
  }
  const url = URL_PASSWORD.exec(value)
  const password = url?.[2]
  if (url && password !== undefined && !password.includes('$')) {
    const hidden = secret(draft, service, `${key}_PASSWORD`, decode(password), where)
    return inputs.rewrite(url[1] ?? '', where) + hidden + inputs.rewrite(url[3] ?? '', where)
  }
  if (/^\$\{?[A-Za-z_]\w*\}?$/.test(value)) suggestName(draft, service, key, names[0] ?? '')
  return inputs.rewrite(value, where)
}

function secret(
  draft: Draft,
  service: DraftService,
  key: string,
  literal: string,
  where: SourcePlace,
): string {
  if (/^(true|false|yes|no|\d{1,3})$/i.test(literal)) return literal
  const id = draft.inputs.secret(key, literal.replaceAll('$$', '$'), service.name)
  draft.findings.change(
    where,
    `${key} becomes the secret \${${id}}`,
    'A password in a template would be everybody’s; each minion gets its own. Services that shared it still do.',
  )
  return `\${${id}}`
}

/** The name of a database or its user, where the file leaves it open. */
function suggestName(draft: Draft, service: DraftService, key: string, variable: string): void {
  if (!service.known?.engine || !/_(USER|USERNAME|DATABASE|DB)$/.test(key)) return
  const application = /^([A-Za-z0-9]+)_(DB_|DATABASE_)?(USER|USERNAME|NAME|DATABASE|DB)$/.exec(variable)?.[1]
  const generic =
    application === undefined || /^(db|database|mysql|mariadb|postgres|pg|mongo|sql)$/i.test(application)
  draft.inputs.suggest(variable, generic ? draft.name.replaceAll('-', '_') : application.toLowerCase())
}

/** An engine that would not start without a password gets one. */
function addRequired(draft: Draft, service: DraftService): void {
  for (const key of service.known?.required ?? []) {
    const base = key.replace(/^(MARIADB|MYSQL)_/, '')
    const have = Object.keys(service.environment)
    const given = have.some(
      (name) =>
        name === key ||
        name === `MYSQL_${base}` ||
        name === `${key}_FILE` ||
        name === `${key}_HASH` ||
        /_(RANDOM_ROOT_PASSWORD|ALLOW_EMPTY_PASSWORD|ALLOW_EMPTY_ROOT_PASSWORD)$/.test(name) ||
        (name === 'POSTGRES_HOST_AUTH_METHOD' && key === 'POSTGRES_PASSWORD'),
    )
    if (given) continue
    const id = draft.inputs.secret(key, undefined, service.name)
    service.environment[key] = `\${${id}}`
    draft.findings.change(
      at(service, 'image'),
      `${key} is added, generated for each minion`,
      `${service.image?.repository} does not start without it.`,
    )
  }
}

function ownEntries(draft: Draft, service: DraftService): Entry[] {
  const raw = service.raw['environment']
  if (raw === undefined || raw === null) return []
  if (isRecord(raw)) {
    return Object.entries(raw).map(([key, value]) => ({
      key,
      value: value === null ? null : typeof value === 'string' ? value : textOf(value),
      where: draft.source.at(at(service, 'environment', key)),
    }))
  }
  return listOf(raw).flatMap((item, index): Entry[] => {
    const where = draft.source.at(at(service, 'environment', index))
    const text = textOf(item)
    if (isPlaceholder(text.split('=')[0] ?? '')) return askedEntries(draft, service, text, where)
    const [key = '', ...rest] = text.split('=')
    return [{ key: key.trim(), value: text.includes('=') ? rest.join('=') : null, where }]
  })
}

/** `<env variables>`, or an env file that is not there: the person knows what belongs there. */
function askedEntries(draft: Draft, service: DraftService, text: string, where: SourcePlace): Entry[] {
  const answer = draft.findings.ask(where, {
    id: `env:${service.name}`,
    text: `Which variables does ${service.name} need for “${text}”? KEY=value, one a line, or none`,
    default: 'none',
    check: (value) => {
      const { bad } = readEnvFile(value)
      return value === 'none' || bad.length === 0 ? undefined : `Line ${bad[0]} is not KEY=value.`
    },
  })
  if (answer === undefined || answer === 'none') return []
  return readEnvFile(answer).entries.map(({ key, value }) => ({ key, value, where }))
}

function envFileEntries(draft: Draft, service: DraftService): Entry[] {
  const raw = service.raw['env_file']
  const list = isRecord(raw) ? [raw] : listOf(raw)
  return list.flatMap((item, index): Entry[] => {
    const where = draft.source.at(at(service, 'env_file', index))
    const written = textOf(recordOf(item)['path'] ?? item)
    const path = inside(draft.base, draft.inputs.evaluate(written) ?? written)
    if (path === undefined || written.includes('$')) {
      draft.findings.refuse(where, {
        what: `env_file ${written} lies outside the folder`,
        why: 'It would read a file of this server.',
        advice: 'Copy the file into the folder and name it there.',
      })
      return []
    }
    const text = draft.files[path]
    if (text === undefined) {
      if (recordOf(item)['required'] === false) return []
      draft.findings.change(
        where,
        `env_file ${written} is not there and is left out`,
        'Its variables may be given as answers or when the minion is summoned.',
      )
      return askedEntries(draft, service, written, where)
    }
    draft.hidden.add(path)
    const { entries, bad } = readEnvFile(text)
    for (const line of bad) {
      draft.findings.change({ path, line, column: 1 }, 'The line is left out', 'It is not KEY=value.')
    }
    draft.findings.change(
      where,
      `env_file ${written} is read into the template`,
      'Its secrets become inputs; the file itself stays out.',
    )
    return entries.map(({ key, value, line }) => ({ key, value, where: { path, line, column: 1 } }))
  })
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
