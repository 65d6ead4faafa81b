/** Where things lie as nginx sees them, inside its container: the mounts of `minions/nginx/compose.yml`. */

export const LAYOUT = {
  /** `data/proxy`, read-only. */
  tree: '/etc/nginx/summoner',
  /** `data/certificates`, read-only. */
  certificates: '/etc/nginx/certificates',
  /** Sockets of the box: the daemon's own, and those of services outside Docker. */
  sockets: '/run/summoner-web',
  webSocket: '/run/summoner-web/web.sock',
  logs: '/var/log/summoner',
  /** Answered to loopback clients only: the generation that the answering worker has loaded. */
  marker: '/.well-known/summoner/generation',
  /** Internal location of the friendly page; never reachable from outside. */
  page: '/.summoner-page',
} as const

export interface ProxyPorts {
  http: number
  https: number
  ipv6: boolean
}
