/** Published ports: nginx is the only door, so only what a template binds to this machine alone stays. */
import { recordOf, textOf } from './plain.ts'
import { interpolate } from './variables.ts'

const LOCAL = /^127\.0\.0\.1:(\d{1,5}(-\d{1,5})?)?:\d{1,5}(-\d{1,5})?(\/(tcp|udp))?$/

/** Judged after the variables are filled in, and written out literally. */
export function localPorts(ports: unknown, env: Readonly<Record<string, string>>): string[] {
  return portsOf(ports, env).filter((port) => LOCAL.test(port))
}

/** Every entry in the short form, `[address:]published:target[/protocol]`. */
export function portsOf(ports: unknown, env: Readonly<Record<string, string>>): string[] {
  if (!Array.isArray(ports)) return []
  return ports.map((port: unknown) => {
    if (typeof port !== 'object') return interpolate(textOf(port), env)
    const { host_ip: address, published, target, protocol } = recordOf(port)
    const text = `${address === undefined ? '' : `${textOf(address)}:`}${textOf(published)}:${textOf(target)}`
    return interpolate(protocol === undefined ? text : `${text}/${textOf(protocol)}`, env)
  })
}
