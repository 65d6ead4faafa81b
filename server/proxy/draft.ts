/** The tree that a set of vhosts asks for, and the vhosts that cannot be part of it. */
import { asSummonerError } from '../errors.ts'
import { createFingerprints } from './fingerprints.ts'
import { LAYOUT, type ProxyPorts } from './layout.ts'
import { renderPages } from './pages.ts'
import { type HostFile, type MainInput, type TreeFile, hostFile, pageFiles } from './render-tree.ts'
import { usersFile } from './render-options.ts'
import { renderVhost } from './render-vhost.ts'
import type { ProxyApplied, Vhost } from './vhost.ts'

export interface Draft {
  /** Sorted by host, one each. */
  files: HostFile[]
  rejected: ProxyApplied['rejected']
  main: Omit<MainInput, 'generation'>
}

export interface Drafts {
  /** `http3`: this nginx speaks it; `trusted`: proxies in front. */
  draft(vhosts: readonly Vhost[], how: { http3: boolean; trusted: readonly string[] }): Draft
  /** Files that every tree needs: the friendly pages and the internal root. */
  shared: readonly TreeFile[]
  /** nginx does not take this file: every later draft goes without it, until its bytes are others. */
  refuse(path: string, message: string): void
  /** What the system was to blame for (a full disk, too many open files) may be tried again. */
  forgive(): void
}

interface DraftsDeps {
  ports: ProxyPorts
  certificatesDir: string
  rootPem: string
}

/** nginx names the number of the error: `(28: No space left on device)`. */
const OF_THE_SYSTEM = /\([0-9]+: /

export function createDrafts({ ports, certificatesDir, rootPem }: DraftsDeps): Drafts {
  const pages = pageFiles({ ...renderPages(), 'ca.crt': rootPem })
  const fingerprint = createFingerprints()
  const refused = new Map<string, string>()

  const render = (vhost: Vhost, http3: boolean, fronts: boolean): HostFile => {
    const print = fingerprint(vhost.tls)
    const text = renderVhost(vhost, {
      ports,
      certificatesDir,
      pages: `${LAYOUT.tree}/${pages.dir}`,
      http3,
      fronts,
      ...(print ? { fingerprint: print } : {}),
    })
    const users = usersFile(vhost.options ?? {})
    return hostFile(vhost.host.toLowerCase(), text, users ? [users] : [])
  }

  return {
    shared: pages.files,
    refuse: (path, message) => void refused.set(path, message),
    forgive() {
      for (const [path, message] of refused) if (OF_THE_SYSTEM.test(message)) refused.delete(path)
    },
    draft(vhosts, { http3, trusted }) {
      const files = new Map<string, HostFile>()
      const rejected: ProxyApplied['rejected'] = []
      for (const vhost of vhosts) {
        const reject = (message: string) => rejected.push({ host: vhost.host, message })
        try {
          const file = render(vhost, http3, trusted.length > 0)
          const known = refused.get(file.path)
          if (known !== undefined) reject(known)
          else if (files.has(file.host)) reject('The host has two owners.')
          else files.set(file.host, file)
        } catch (error) {
          reject(asSummonerError(error).message)
        }
      }
      const sorted = [...files.values()].sort((a, b) => (a.host < b.host ? -1 : 1))
      const main = {
        ports,
        secure: vhosts.some(({ tls }) => tls !== undefined),
        http3: http3 && vhosts.some(({ tls, options }) => tls !== undefined && options?.http3),
        trusted,
        includes: sorted.map(({ path }) => path),
      }
      return { files: sorted, rejected, main }
    },
  }
}
