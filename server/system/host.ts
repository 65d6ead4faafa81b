/** Facts of the host, and the doors to them that tests replace. */
import { lookup, Resolver } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { readdir, readFile, readlink, stat, statfs } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { dirname } from 'node:path'

export interface HostFiles {
  read(path: string): Promise<string>
  list(path: string): Promise<string[]>
  link(path: string): Promise<string>
  stat(path: string): Promise<{ mode: number; uid: number; directory: boolean }>
  space(
    path: string,
  ): Promise<{ total: number; free: number; freeInodes: number; inodes: number; device: number }>
}

export interface HostNetwork {
  /** Addresses of this host that others may reach: no loopback, no bridge of an engine. */
  addresses(): string[]
  /** As programs of this host see it (/etc/hosts counts); empty when there is none. */
  lookup(host: string): Promise<string[]>
  /** As the DNS answers; empty when there is none. */
  resolve(host: string): Promise<string[]>
}

export interface HostFacts {
  /** e.g. `Debian GNU/Linux 13 (trixie)`. */
  system: string
  kernel: string
  /** Bytes. */
  memory: { total: number; available: number; swap: number }
}

export const hostFiles: HostFiles = {
  read: (path) => readFile(path, 'utf8'),
  list: (path) => readdir(path),
  link: (path) => readlink(path),
  stat: async (path) => {
    const found = await stat(path)
    return { mode: found.mode & 0o7777, uid: found.uid, directory: found.isDirectory() }
  },
  space: async (path) => {
    const [space, { dev }] = await Promise.all([statfs(path), stat(path)])
    return {
      total: space.blocks * space.bsize,
      free: space.bavail * space.bsize,
      freeInodes: space.ffree,
      inodes: space.files,
      device: dev,
    }
  },
}

/** nginx cannot listen on `[::]` where the kernel has no IPv6. */
export function hasIpv6(): boolean {
  try {
    return readFileSync('/proc/net/if_inet6', 'utf8').trim() !== ''
  } catch {
    return false
  }
}

const NETWORK_MS = 5000

export const hostNetwork: HostNetwork = {
  addresses: () =>
    Object.entries(networkInterfaces())
      .filter(([name]) => !/^(?:docker|br-|veth|virbr|cni|lo$)/u.test(name))
      .flatMap(([, list]) => list ?? [])
      .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
      .map(({ address }) => address),
  lookup: async (host) => {
    try {
      return (await lookup(host, { all: true })).map(({ address }) => address)
    } catch {
      return []
    }
  },
  resolve: async (host) => {
    const resolver = new Resolver({ timeout: NETWORK_MS / 2, tries: 2 })
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  },
}

export async function hostFacts(files: Pick<HostFiles, 'read'>): Promise<HostFacts> {
  const [release, kernel, meminfo] = await Promise.all([
    files.read('/etc/os-release'),
    files.read('/proc/sys/kernel/osrelease'),
    files.read('/proc/meminfo'),
  ])
  const kilobytes = (key: string) =>
    Number(new RegExp(`^${key}:\\s+(\\d+)`, 'mu').exec(meminfo)?.[1] ?? 0) * 1024
  return {
    system: /^PRETTY_NAME="?([^"\n]*)/mu.exec(release)?.[1] ?? 'Linux',
    kernel: kernel.trim(),
    memory: {
      total: kilobytes('MemTotal'),
      available: kilobytes('MemAvailable'),
      swap: kilobytes('SwapTotal'),
    },
  }
}

/** MiB of memory, and MiB free where `folder` lies or would lie. */
export async function hostSpace(
  files: Pick<HostFiles, 'read' | 'space'>,
  folder: string,
): Promise<{ memory: number; free_disk: number }> {
  const { memory } = await hostFacts(files)
  const mib = (bytes: number) => Math.floor(bytes / 1024 ** 2)
  for (let at = folder; ; at = dirname(at)) {
    const space = await files.space(at).catch(() => undefined)
    if (space) return { memory: mib(memory.total), free_disk: mib(space.free) }
    if (at === dirname(at)) return { memory: mib(memory.total), free_disk: 0 }
  }
}
