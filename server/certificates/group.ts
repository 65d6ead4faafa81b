/** One certificate of an ACME server and all hosts that share it. Pure. */
import { namesKey } from './budget.ts'
import type { AcmeSource, Source } from './source.ts'

export interface Group {
  source: AcmeSource
  /** Served with it, or waiting for it. */
  hosts: string[]
}

export interface Groups {
  all: Group[]
  byHost: ReadonlyMap<string, Group>
}

export function groupsOf(hosts: readonly string[], sourceOf: (host: string) => Source): Groups {
  const byHost = new Map<string, Group>()
  const found = new Map<string, Group>()
  for (const host of hosts) {
    const source = sourceOf(host)
    if (source.kind !== 'acme') continue
    const key = namesKey(source.names)
    const group = found.get(key) ?? { source, hosts: [] }
    group.hosts.push(host)
    found.set(key, group)
    byHost.set(host, group)
  }
  return { all: [...found.values()], byHost }
}
