/** What a person may change of a minion that is there: read with its secrets masked, and written as an edit of config.yml. */
import { join } from 'node:path'
import type { Application } from '../config/config.ts'
import { setApplicationFields, type ApplicationFields, type ConfigEdit } from '../config/edits.ts'
import { asSummonerError, SummonerError } from '../errors.ts'
import { refuseSharedNames } from '../templates/names.ts'
import type { Rendered } from '../templates/rendered.ts'
import { readApplied } from './applied.ts'
import type { MinionDeps } from './deps.ts'
import type { Settings, SettingsChange } from './settings-view.ts'

type SettingsDeps = Pick<MinionDeps, 'config' | 'wishes' | 'readKept' | 'dirs'>

export function readSettings(name: string, deps: SettingsDeps): Settings {
  const { config } = deps.config.read()
  const application = wished(name, deps)
  const kept = deps.readKept(join(deps.dirs.minions, name))
  const rendered = renderedOr(() => deps.wishes.renderOne(application, config).rendered, {
    env: kept,
    secrets: readApplied(deps.dirs.records, name)?.secrets ?? Object.keys(kept),
  })
  const secrets = new Set(rendered.secrets)
  const { template, subdomain, state, version, images, grants, env } = application
  return {
    template,
    subdomain,
    state,
    ...(version === undefined ? {} : { version }),
    ...(images === undefined ? {} : { images }),
    grants,
    environment: Object.entries(rendered.env).map(([key, value]) => {
      const secret = secrets.has(key)
      const written = Object.hasOwn(env, key)
      return { name: key, secret, written, ...(secret ? {} : { value: kept[key] ?? value }) }
    }),
  }
}

type Shown = Pick<Rendered, 'env' | 'secrets'>

/** A template that asks for a power nobody has given yet does not render; its settings are where it is given. */
function renderedOr(render: () => Shown, last: Shown): Shown {
  try {
    return render()
  } catch (error) {
    if (asSummonerError(error).code === 'template.refused') return last
    throw error
  }
}

/** The edit, once it is known that it renders: what is refused leaves config.yml as it was. */
export function settingsEdit(name: string, change: SettingsChange, deps: SettingsDeps): ConfigEdit {
  const { config } = deps.config.read()
  const before = wished(name, deps)
  const fields: ApplicationFields = {}
  if (change.version !== undefined) fields.version = change.version ?? undefined
  if (change.subdomain !== undefined) fields.subdomain = change.subdomain ?? undefined
  if (change.grants !== undefined) fields.grants = change.grants
  if (change.env !== undefined) fields.env = mergedEnv(before.env, change.env)
  const edit = setApplicationFields(name, fields)
  const after = deps.config.preview(edit)
  const application = after.applications.find((other) => other.name === name) ?? before
  const { rendered } = deps.wishes.renderOne(application, after)
  const others = deps.wishes.list(config).filter((wish) => wish.application.name !== name)
  refuseSharedNames([...others.flatMap((wish) => wish.rendered ?? []), rendered])
  const owner = config.applications
    .filter((other) => other.name !== name)
    .find((other) => readApplied(deps.dirs.records, other.name)?.host === rendered.host)
  if (owner) throw new SummonerError('host.taken', `${rendered.host} belongs to ${owner.name}.`)
  return edit
}

function mergedEnv(
  before: Record<string, string>,
  change: Record<string, string | null>,
): Record<string, string> {
  const merged = new Map(Object.entries(before))
  for (const [key, value] of Object.entries(change))
    if (value === null) merged.delete(key)
    else merged.set(key, value)
  return Object.fromEntries(merged)
}

function wished(name: string, deps: Pick<MinionDeps, 'config'>): Application {
  const found = deps.config.read().config.applications.find((application) => application.name === name)
  if (!found) throw new SummonerError('minion.unknown', `"${name}" is not in config.yml.`)
  return found
}
