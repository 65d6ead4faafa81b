/** Lets a minion send its webhooks here: a source of its name, an address, and the hook inside the tool where that can be done. */
import type { Config, SourceWish } from '../../config/config.ts'
import type { ConfigFile } from '../../config/config-file.ts'
import { addEntry, removeEntryOf } from '../../config/list-edits.ts'
import type { Container, Engine } from '../../docker/container.ts'
import { SummonerError } from '../../errors.ts'
import type { NewAddress, Sources } from '../sources.ts'
import { sourceTypes } from '../sources/all.ts'
import { SOURCE_TYPES, type SourceTypeName } from '../sources/source.ts'
import { connectors, type Connector } from './connector.ts'
import { createTool } from './tool.ts'

export interface ConnectDeps {
  engine: Pick<Engine, 'execIn'>
  /** Containers of a minion. */
  ours(minion: string): Container[]
  /** What was brought up; undefined for what was not. */
  applied(minion: string): AppliedFacts | undefined
  kept(minion: string): Readonly<Record<string, string>>
  sources: Sources
  config(): Pick<Config, 'sources'>
  configFile: Pick<ConfigFile, 'edit'>
  origins(): { outside: string; inside: string }
  /** For tools that make up their own. */
  setSecret(name: string, value: string): void
  randomBytes(size: number): Buffer
  connectors?: Partial<Record<SourceTypeName, Connector>>
}

export interface AppliedFacts {
  template: string
  url: string
  ready: boolean
  web: readonly { service: string; upstream: string }[]
}

export interface Connected {
  source: string
  /** false: the steps have to be taken by a person. */
  connected: boolean
  address: NewAddress
  note?: string
}

export async function connect(deps: ConnectDeps, minion: string, by: string): Promise<Connected> {
  const { sources, config, configFile } = deps
  const applied = deps.applied(minion)
  if (applied === undefined)
    throw new SummonerError('minion.unknown', `The minion "${minion}" is not summoned.`)
  if (!applied.ready)
    throw new SummonerError('hook.connect', `${minion} is still being summoned.`, {
      hint: 'Wait until it runs.',
    })
  const type = SOURCE_TYPES.find((name) => name === applied.template)
  if (type === undefined)
    throw new SummonerError(
      'hook.unconnectable',
      `Summoner does not know which webhooks ${applied.template} sends.`,
      { hint: 'Where it can send any: `summoner hooks add NAME --type generic`.' },
    )
  const connector = (deps.connectors ?? connectors)[type]
  const container =
    connector &&
    deps.ours(minion).find(({ service, state }) => service === connector.service && state === 'running')
  if (connector && container === undefined)
    throw new SummonerError('hook.connect', `${minion} does not run.`, {
      hint: `Start it: summoner start ${minion}`,
    })

  const known = config().sources.find((source) => source.minion === minion && source.type === type)
  const wish = wishFor(minion, type, known, connector !== undefined)
  const name = wish.name
  if (known !== wish)
    await configFile.edit(...(known ? [removeEntryOf('sources', name)] : []), addEntry('sources', wish))
  const address = sources.create(name, by)
  if (connector === undefined || container === undefined) return { source: name, connected: false, address }
  const origin = deps.origins()[connector.outside ? 'outside' : 'inside']
  const { upstream = '' } =
    applied.web.find(({ service }) => service === connector.service) ?? applied.web[0] ?? {}
  try {
    const { secrets, note } = await connector.register(
      {
        url: origin + address.path,
        base: `${origin}/hooks/${name}/`,
        secret: sources.secretFor(name, address.id),
        site: applied.url,
        kept: deps.kept(minion),
        passing: deps.randomBytes(32).toString('base64url'),
      },
      createTool({ upstream, site: applied.url, container, execIn: deps.engine.execIn }),
    )
    if (secrets && wish.secret) deps.setSecret(wish.secret.secret, secrets.join('\n'))
    sources.retireOthers(name, address.id)
    return { source: name, connected: true, address, ...(note === undefined ? {} : { note }) }
  } catch (error) {
    sources.revoke(name, address.id)
    if (known === undefined) await configFile.edit(removeEntryOf('sources', name))
    throw error
  }
}

/** A tool that makes up its own secret has it kept under a name; a source that somebody wrote stays as it is. */
function wishFor(
  minion: string,
  type: SourceTypeName,
  known: SourceWish | undefined,
  registers: boolean,
): SourceWish {
  const kept = registers && sourceTypes[type].toolMakesSecret === true
  if (known && (!kept || known.secret)) return known
  const name = known?.name ?? minion
  return { name, type, minion, ...known, ...(kept ? { secret: { secret: `${name}-webhooks` } } : {}) }
}
