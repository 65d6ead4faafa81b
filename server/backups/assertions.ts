/** What a template says a restored copy must show: pages, rows, files. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Engine } from '../docker/container.ts'
import { ask } from '../minions/probe.ts'
import type { Template } from '../templates/template.ts'
import { interpolate } from '../templates/variables.ts'
import type { Proof } from './set.ts'

type Check = Proof['checks'][number]

export interface Subject {
  template: Template
  /** Where each service answers: `address` and container id. */
  services: Readonly<Record<string, { id: string; address: string }>>
  host: string
  env: Readonly<Record<string, string>>
  /** Where a path inside a service lies on this server. */
  hostPath(service: string, path: string): string | undefined
  /** sha256 of files as they were when the set was made. */
  recorded: readonly { service: string; path: string; sha256: string }[]
  engine: Pick<Engine, 'execIn'>
}

interface Http {
  path?: string
  status?: number[]
  contains?: string
  json?: Record<string, unknown>
  service?: string
}
interface Sql {
  service: string
  query: string
  at_least?: number
}
interface File {
  service: string
  path: string
}

export async function runAssertions(subject: Subject): Promise<Check[]> {
  const checks: Check[] = []
  for (const { http, sql, file } of subject.template.description.verify ?? []) {
    if (http !== undefined)
      checks.push(await tried(httpWords(http as Http), () => checkHttp(http as Http, subject)))
    if (sql !== undefined) checks.push(await tried((sql as Sql).query, () => checkSql(sql as Sql, subject)))
    if (file !== undefined)
      checks.push(await tried((file as File).path, () => checkFile(file as File, subject)))
  }
  return checks
}

const httpWords = ({ path = '/' }: Http) => `GET ${path}`

/** `check` resolves with what it saw, or throws what is wrong. */
async function tried(what: string, check: () => Promise<string>): Promise<Check> {
  try {
    return { what, passed: true, said: await check() }
  } catch (error) {
    return { what, passed: false, said: (error as Error).message }
  }
}

async function checkHttp(
  { path = '/', status, contains, json, service }: Http,
  subject: Subject,
): Promise<string> {
  const [web] = subject.template.description.web ?? []
  const name = service ?? web?.service ?? ''
  const found = subject.services[name]
  if (!found || !web) throw new Error(`there is no ${name || 'web service'} to ask`)
  const answer = await ask({
    address: found.address,
    port: web.port,
    host: subject.host,
    path,
    timeoutMs: 60_000,
  })
  const good = status ? status.includes(answer.status) : answer.status >= 200 && answer.status < 400
  if (!good) throw new Error(`it answered ${answer.status}`)
  if (contains !== undefined && !answer.body.includes(contains))
    throw new Error(`"${contains}" is not in the answer`)
  if (json) {
    const value: unknown = JSON.parse(answer.body)
    for (const [key, wanted] of Object.entries(json)) {
      const actual = key
        .split('.')
        .reduce<unknown>((inner, part) => (inner as Record<string, unknown> | null)?.[part], value)
      const anything = JSON.stringify(wanted) === '{}'
      if (anything ? actual === undefined : JSON.stringify(actual) !== JSON.stringify(wanted))
        throw new Error(`"${key}" is ${JSON.stringify(actual) ?? 'missing'}`)
    }
  }
  return `${answer.status}`
}

async function checkSql(
  { service, query, at_least: least }: Sql,
  { template, services, env, engine }: Subject,
): Promise<string> {
  const dump = template.description.dumps?.find((dump) => dump.service === service)
  const container = services[service]
  if (!dump || !container) throw new Error(`${service} has no database that is described under "dumps"`)
  const { database, user = '' } = dump
  const password = (dump.password_env && env[dump.password_env]) ?? ''
  const client = clientOf(dump.engine, interpolate(database, env), interpolate(user, env), password, query)
  if (!client) throw new Error(`${dump.engine} is not asked in SQL`)
  let said = ''
  for (const argv of client.argvs) {
    const result = await engine.execIn(container.id, argv, { env: client.env, timeoutMs: 60_000 })
    said =
      result.code === 0 ? result.stdout.trim() : (result.stderr.trim() || result.stdout.trim()).slice(-300)
    if (result.code === 0) {
      if (least !== undefined && !(Number(said) >= least))
        throw new Error(`${said || 'nothing'}, expected at least ${least}`)
      return said
    }
    // the next client, where this image has none of that name
    if (!/not found|no such file|executable file/i.test(said) && ![126, 127].includes(result.code)) break
  }
  throw new Error(said || 'the client failed')
}

function clientOf(
  engine: string,
  database: string,
  user: string,
  password: string,
  query: string,
): { argvs: string[][]; env: Record<string, string> } | undefined {
  const sql = ['-u', user, '-D', database, '-N', '-B', '-e', query]
  if (engine === 'mariadb')
    return {
      argvs: [
        ['mariadb', ...sql],
        ['mysql', ...sql],
      ],
      env: { MYSQL_PWD: password },
    }
  if (engine === 'mysql')
    return {
      argvs: [
        ['mysql', ...sql],
        ['mariadb', ...sql],
      ],
      env: { MYSQL_PWD: password },
    }
  if (engine === 'postgres' || engine === 'postgresql')
    return {
      argvs: [['psql', '-h', '127.0.0.1', '-U', user, '-d', database, '-A', '-t', '-c', query]],
      env: { PGPASSWORD: password },
    }
  return undefined
}

/** There, and byte for byte what it was when the set was made. */
async function checkFile({ service, path }: File, { hostPath, recorded }: Subject): Promise<string> {
  const place = hostPath(service, path)
  if (place === undefined) throw new Error(`no folder of the minion is mounted there`)
  const sha256 = createHash('sha256')
    .update(await readFile(place))
    .digest('hex')
  const before = recorded.find((file) => file.service === service && file.path === path)?.sha256
  if (before !== undefined && before !== sha256) throw new Error('it is not what it was')
  return before === undefined ? 'it is there' : sha256.slice(0, 12)
}
