/** A vhost: one nginx server, owned by a managed minion, a foreign container or the box itself. */

export interface Vhost {
  host: string
  /** `minion:<name>`, `container:<name>` or `box`. */
  owner: string
  /** What nginx does with a request: hand it on, show the friendly page, or send it to another host. */
  serve:
    | {
        kind: 'upstream'
        /** `10.213.0.18:80` or `unix:/…`; several only for foreign containers that share the host. */
        servers: string[]
        protocol: 'http' | 'https'
        maxBody: string
        websocket: boolean
        buffering: boolean
        timeoutSeconds: number
        paths: { path: string; server: string }[]
      }
    /** `reason` picks the page: the minion starts, is stopped, has failed, or the container has no reachable port. */
    | { kind: 'page'; reason: 'starting' | 'stopped' | 'failed' | 'unreachable' }
    | { kind: 'redirect'; to: string }
  /** undefined: plain HTTP only (`tls: none`). */
  tls: { certificate: string; key: string; publiclyTrusted: boolean } | undefined
  /** CIDRs that may also use plain HTTP (hooks from our own subnets); everybody else is sent to HTTPS. */
  plainFor?: string[]
  /** Serves the internal root at `http://<host>/ca.crt`, for machines that do not trust it yet. */
  rootCertificate?: boolean
}

/** A vhost before its certificate is known. */
export type WantedVhost = Omit<Vhost, 'tls'>

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
