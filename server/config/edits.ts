/** The changes the daemon makes to config.yml, each as an intended value and as the smallest change of the text. */
import { isMap, type Scalar } from 'yaml'
import { SummonerError } from '../errors.ts'
import { isReserved, type Application, type Config } from './config.ts'
import { inPlace, type Draft } from './draft.ts'
import {
  appendApplication,
  entryAt,
  entryOf,
  isListed,
  removeFromStacks,
  writeEnv,
  writePair,
} from './entries.ts'
import { hostOf } from './host-name.ts'
import { listFromText, textWithoutName } from './names-text.ts'
import { PROXY, withDefaults } from './normalise.ts'
import type { WrittenApplication } from './schema.ts'
import { removeEntry } from './splice.ts'
import { didYouMean } from './suggest.ts'
import { flowValue } from './write-flow.ts'

/** `intend` is pure and refuses what makes no sense; `write` brings the text there. */
export interface ConfigEdit {
  intend(config: Config): Config
  write(draft: Draft, before: Config): void
}

export type ApplicationFields = {
  [Key in keyof Omit<Application, 'name'>]?: Application[Key] | undefined
}

/** Absent fields take their defaults; defaults are not written. */
export function addApplication(application: WrittenApplication): ConfigEdit {
  const added = withDefaults(application)
  return {
    intend(config) {
      const { name } = added
      if (config.applications.some((other) => other.name === name) && name !== PROXY) {
        throw new SummonerError('minion.exists', `"${name}" is already in config.yml.`)
      }
      if (isReserved(name)) {
        throw new SummonerError('minion.reserved', `"${name}" is a name of the box itself.`)
      }
      const host = hostOf(added.subdomain, config.domain)
      const owner = config.applications.find(
        (other) => other.name !== PROXY && hostOf(other.subdomain, config.domain) === host,
      )
      if (owner !== undefined && name !== PROXY) {
        throw new SummonerError('host.taken', `"${host}" is the address of "${owner.name}".`)
      }
      if (name === PROXY) return withApplication(config, added)
      return { ...config, applications: [...config.applications, added] }
    },
    write: (draft) => appendApplication(draft, added),
  }
}

/** Also takes it out of the stacks that name it. */
export function removeApplication(name: string): ConfigEdit {
  return {
    intend(config) {
      known(config, name)
      if (name === PROXY) throw new SummonerError('minion.required', 'Every box needs its proxy.')
      const stacks = Object.entries(config.stacks).map(([stack, members]) => [
        stack,
        members.filter((member) => member !== name),
      ])
      return {
        ...config,
        applications: config.applications.filter((other) => other.name !== name),
        stacks: Object.fromEntries(stacks) as Config['stacks'],
      }
    },
    write(draft) {
      const { list, pair, index } = entryAt(draft, name)
      if (list === undefined) draft.splice(textWithoutName(draft.text(), pair, name))
      else draft.splice(removeEntry(draft.text(), list, index))
      removeFromStacks(draft, name)
    },
  }
}

export function setApplicationState(name: string, state: Application['state']): ConfigEdit {
  return setApplicationFields(name, { state })
}

/** `undefined` takes a field back to its default; `env` is the whole map, of which only differing keys are touched. */
export function setApplicationFields(name: string, fields: ApplicationFields): ConfigEdit {
  const keys = Object.keys(fields) as (keyof ApplicationFields)[]
  const intended = (config: Config): Application => {
    const given = Object.fromEntries(keys.map((key) => [key, fields[key]]))
    const merged = { ...known(config, name), ...given } as Partial<Application> & { name: string }
    for (const key of keys) if (merged[key] === undefined) delete merged[key]
    return withDefaults(merged)
  }
  return {
    intend: (config) => withApplication(config, intended(config)),
    write(draft, before) {
      const after = intended(before)
      const plain = entryOf(after)
      const defaults = withDefaults({ name })
      const changed = keys.filter((key) => flowValue(known(before, name)[key]) !== flowValue(after[key]))
      if (changed.length === 0) return
      if (name === PROXY && !isListed(draft)) return appendApplication(draft, after)
      const { list, pair, index } = entryAt(draft, name)
      if (list === undefined) return draft.splice(listFromText(draft.text(), draft.root(), pair, name, plain))
      const node = list.items[index]
      if (!isMap(node)) {
        const [start = 0, end = 0] = (node as Scalar).range ?? []
        return draft.splice([{ start, end, text: plain }])
      }
      for (const key of changed) {
        // Read again for each key: the splice before moved what follows.
        const map = () => inPlace(entryAt(draft, name).list?.items[index], draft.text())
        const value = fields[key] === undefined ? undefined : after[key]
        if (key === 'env') writeEnv(draft, map, after.env, value === undefined)
        else writePair(draft, map(), key, value, flowValue(defaults[key]))
      }
    },
  }
}

export function setDomain(domain: string): ConfigEdit {
  return {
    intend: (config) => ({ ...config, domain }),
    write(draft, before) {
      if (before.domain !== domain) writePair(draft, draft.root(), 'domain', domain)
    },
  }
}

function withApplication(config: Config, application: Application): Config {
  return {
    ...config,
    applications: config.applications.map((other) => (other.name === application.name ? application : other)),
  }
}

function known(config: Config, name: string): Application {
  const found = config.applications.find((application) => application.name === name)
  if (found !== undefined) return found
  const names = config.applications.map((application) => application.name)
  throw new SummonerError('minion.unknown', `"${name}" is not in config.yml${didYouMean(name, names) || '.'}`)
}
