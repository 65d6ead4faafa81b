/** Servers of shared databases stand in no file: each follows from the minions that wish it or still use it. Pure. */
import type { Application, ImageSource } from '../config/config.ts'
import type { SharedDatabase } from '../templates/shared-database.ts'

export interface Use {
  minion: string
  database: SharedDatabase
}

export function serversOf(uses: readonly Use[]): Map<string, Use[]> {
  const servers = new Map<string, Use[]>()
  for (const use of uses) {
    const of = servers.get(use.database.server) ?? []
    if (!of.some(({ minion }) => minion === use.minion)) servers.set(use.database.server, [...of, use])
  }
  return servers
}

/** `kept`: where the images of the server came from when it was first summoned. */
export function serverApplication(
  databases: readonly SharedDatabase[],
  kept: 'registry' | 'distro' | undefined,
): Application {
  const [first] = databases
  const name = first?.server ?? ''
  const upstream = databases.filter(({ images }) => images === 'registry')
  const images: ImageSource = kept ?? (upstream.length > 0 ? 'registry' : 'distro')
  const newest = upstream
    .map(({ tag }) => tag)
    .toSorted(byNumbers)
    .at(-1)
  return {
    name,
    template: `databases-${first?.engine}`,
    subdomain: name,
    state: 'running',
    database: 'dedicated',
    images,
    env: {},
    grants: [],
    ...(images === 'registry' && newest !== undefined ? { version: newest } : {}),
  }
}

/** `11.8.10` comes after `11.8.9`. */
function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

/** What one server instead of many comes to, for people. */
export function serverNote(uses: readonly Use[], usual: number | undefined): string {
  const names = uses.map(({ minion }) => minion)
  const saved = (names.length - 1) * (usual ?? 0)
  const shown =
    names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
  return `serves ${shown}${saved > 0 ? `; about ${saved} MiB of memory less than ${names.length} servers` : ''}`
}
