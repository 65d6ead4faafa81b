/** Lets a minion send its webhooks here: a source of its name, an address, and the hook inside the tool where that can be done. */
import type { Config } from '../../config/config.ts'
import type { ConfigFile } from '../../config/config-file.ts'
import { addEntry, removeEntryOf } from '../../config/list-edits.ts'
import type { Container, Engine } from '../../docker/container.ts'
import { SummonerError } from '../../errors.ts'
import type { NewAddress, Sources } from '../sources.ts'
import { SOURCE_TYPES, type SourceTypeName } from '../sources/source.ts'
import { connectors, type Connector, type Registration } from './connector.ts'

export interface ConnectDeps {
  engine: Pick<Engine, 'execIn'>
  /** Containers of a minion. */
  ours(minion: string): Container[]
  /** What was brought up; undefined for what was not. */
  applied(minion: string): { template: string; url: string; ready: boolean } | undefined
  kept(minion: string): Readonly<Record<string, string>>
  sources: Sources
  config(): Pick<Config, 'sources'>
  configFile: Pick<ConfigFile, 'edit'>
  origins(): { outside: string; inside: string }
  connectors?: Partial<Record<SourceTypeName, Connector>>
}

export interface Connected {
  source: string
  /** false: the steps have to be taken by a person. */
  connected: boolean
  address: NewAddress
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
  const name = known?.name ?? minion
  if (known === undefined)
    await configFile.edit(addEntry('sources', { name, type, minion } as { name: string }))
  const address = sources.create(name, by)
  if (connector === undefined || container === undefined) return { source: name, connected: false, address }
  try {
    await register(deps, connector, container, {
      url: deps.origins()[connector.outside ? 'outside' : 'inside'] + address.path,
      secret: sources.secretFor(name, address.id),
      site: applied.url,
      kept: deps.kept(minion),
    })
  } catch (error) {
    sources.revoke(name, address.id)
    if (known === undefined) await configFile.edit(removeEntryOf('sources', name))
    throw error
  }
  sources.retireOthers(name, address.id)
  return { source: name, connected: true, address }
}

async function register(
  { engine }: ConnectDeps,
  { argv, env, user }: Connector,
  container: Container,
  registration: Registration,
): Promise<void> {
  const { code, stdout, stderr } = await engine.execIn(container.id, argv(), {
    env: env(registration),
    user,
    timeoutMs: 120_000,
  })
  if (code === 0) return
  const said = (stderr.trim() || stdout.trim()).slice(-500)
  throw new SummonerError('hook.connect', `${container.name} said: ${said || `exit code ${code}`}`, {
    hint: 'Was the first password changed? Then register the hook by hand: `summoner hooks rotate` shows the address and the steps.',
  })
}
