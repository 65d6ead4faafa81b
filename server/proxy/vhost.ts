/** A vhost: one nginx server, owned by a managed minion, a foreign container or the box itself. */

import type { TlsWish } from '../certificates/source.ts'

export type Protocol = 'http' | 'https' | 'uwsgi' | 'fastcgi'

/** Where requests go: several servers only for containers that share the host; none = the friendly page. */
export interface Target {
  /** `10.213.0.18:80` or `unix:/…`. */
  servers: string[]
  protocol?: Protocol
  /** Replaces the location's path in what is handed on. */
  dest?: string
  /** FastCGI: the folder of the scripts, as the application sees it. */
  root?: string
}

export interface Vhost {
  /** A host name, `*.example.org` or `example.*`. */
  host: string
  /** `minion:<name>`, `container:<name>`, `site` or `box`. */
  owner: string
  /** What nginx does with a request: hand it on, show the friendly page, or send it to another host. */
  serve:
    | (Target & {
        kind: 'upstream'
        protocol: Protocol
        maxBody: string
        websocket: boolean
        buffering: boolean
        timeoutSeconds: number
        /** true: nothing but `paths`; the rest is not found. */
        pathsOnly?: boolean
        paths: (Target & { path: string })[]
      })
    /** `reason` picks the page: the minion starts, is stopped, has failed, or the container has no reachable port. */
    | { kind: 'page'; reason: 'starting' | 'stopped' | 'failed' | 'unreachable' }
    /** `permanent`: browsers and search engines may remember it (308, else 307). */
    | { kind: 'redirect'; to: string; permanent?: boolean }
  /** undefined: plain HTTP only (`tls: none`, or `nohttps`). */
  tls: { certificate: string; key: string; publiclyTrusted: boolean } | undefined
  options?: VhostOptions
  /** CIDRs that may also use plain HTTP (hooks from our own subnets); everybody else is sent to HTTPS. */
  plainFor?: string[]
  /** Serves the internal root at `http://<host>/ca.crt`, for machines that do not trust it yet. */
  rootCertificate?: boolean
}

/** What a person may ask of one host, resolved: passwords are hashes here. */
export interface VhostOptions {
  /** Plain HTTP: sent to HTTPS (default), served too, closed, or served alone. */
  https?: HttpsMethod
  /** Basic authentication. */
  users?: { name: string; hash: string }[]
  /** Addresses and subnets; with any of them, everybody else is refused. */
  allow?: string[]
  deny?: string[]
  /** Requests of one client address. */
  rate?: { requests: number; per: 'second' | 'minute'; burst: number }
  /** Set on every answer, whatever the application says. */
  headers?: Record<string, string>
  /** Path -> file or folder below `data/proxy/static`; a path that ends with a slash is a folder. */
  static?: Record<string, string>
  /** nginx text for the server block, checked. */
  snippet?: string
  compression?: boolean
  http3?: boolean
}
export type HttpsMethod = 'redirect' | 'noredirect' | 'nohttp' | 'nohttps'

/** A vhost before its certificate is known. */
export interface WantedVhost extends Omit<Vhost, 'tls'> {
  /** Name of a certificate in the store to use instead of the host's own. */
  certificate?: string
  /** What its owner wants of its certificate; the rest is the box's choice. */
  wish?: TlsWish
  /** Why it cannot be served as it is asked for; it is shown, and left out. */
  problem?: string
}

export interface ProxyApplied {
  /** false when no byte changed: then nothing was tested, reloaded or probed. */
  changed: boolean
  generation: string
  /** Vhosts left out because nginx refused them, with nginx's message; the others serve. */
  rejected: { host: string; message: string }[]
}

export interface Proxy {
  /** Wanted set, debounced by the caller's choice: `apply` waits for its own change to be served. */
  apply(vhosts: readonly Vhost[]): Promise<ProxyApplied>
  /** Writes the tree without a running nginx (before the nginx minion is summoned). */
  prepare(vhosts: readonly Vhost[]): Promise<void>
  /** Generation that nginx serves now, asked over HTTP; undefined when it does not answer. */
  generation(): Promise<string | undefined>
}
