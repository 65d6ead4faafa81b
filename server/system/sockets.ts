/** Who listens on a port: /proc/net/tcp tells the socket, /proc/<pid>/fd whose it is. */
import type { HostFiles } from './host.ts'

export interface Holder {
  process: string
  pid?: number
}

const LISTEN = '0A'

/** Inodes of listening sockets of the port; `table` is /proc/net/tcp or tcp6. Pure. */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/u))
    .filter((fields) => fields[3] === LISTEN && fields[1]?.split(':')[1] === wanted)
    .flatMap((fields) => (fields[9] ? [fields[9]] : []))
}

/** One entry a program; a program that cannot be seen (another PID namespace) is `another program`. */
export async function holdersOf(
  port: number,
  files: Pick<HostFiles, 'read' | 'list' | 'link'>,
): Promise<Holder[]> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => files.read(path).catch(() => '')),
  )
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)))
  if (inodes.size === 0) return []
  const holders = new Map<string, Holder>()
  for (const pid of (await files.list('/proc')).filter((name) => /^\d+$/u.test(name))) {
    if (!(await holdsOne(pid, inodes, files))) continue
    const process = (await files.read(`/proc/${pid}/comm`).catch(() => 'another program')).trim()
    // The oldest process of a program speaks for its workers.
    if (!holders.has(process)) holders.set(process, { process, pid: Number(pid) })
  }
  return holders.size > 0 ? [...holders.values()] : [{ process: 'another program' }]
}

async function holdsOne(
  pid: string,
  inodes: ReadonlySet<string>,
  files: Pick<HostFiles, 'list' | 'link'>,
): Promise<boolean> {
  // Processes come and go, and some may not be looked into: neither is a finding.
  const open = await files.list(`/proc/${pid}/fd`).catch(() => [])
  for (const fd of open) {
    const target = await files.link(`/proc/${pid}/fd/${fd}`).catch(() => '')
    const inode = /^socket:\[(\d+)\]$/u.exec(target)?.[1]
    if (inode !== undefined && inodes.has(inode)) return true
  }
  return false
}
