/** Where nginx, which lives in the host's network, reaches a container. Pure. */
import { isIPv4 } from 'node:net'
import type { Container } from '../docker/container.ts'

export function addressOf({ networkMode, networks }: Container): string | undefined {
  if (networkMode === 'host') return '127.0.0.1'
  return Object.entries(networks)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, address]) => address)
    .find((address) => isIPv4(address))
}

/** The wished port, else the only one that the image exposes, else 80 where that is among them. */
export function portOf({ exposedPorts }: Container, wished: string | undefined): number | undefined {
  if (wished === undefined)
    return exposedPorts.length === 1 ? exposedPorts[0] : exposedPorts.find((port) => port === 80)
  const port = /^[1-9][0-9]{0,4}$/.test(wished) ? Number(wished) : 0
  return port >= 1 && port <= 65_535 ? port : undefined
}
