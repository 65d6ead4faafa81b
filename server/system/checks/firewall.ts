import type { Exec } from '../../docker/container.ts'
import type { Check } from '../doctor.ts'

export const firewallCheck = ({ exec, ports }: { exec: Exec; ports: readonly number[] }): Check => ({
  id: 'firewall',
  title: 'Firewall',
  run: async () => {
    // Read-only, and each tool only where it is installed.
    const ask = (argv: string[]) =>
      exec(argv, { timeoutMs: 5000 }).then(
        ({ stdout }) => stdout,
        () => undefined,
      )
    const ufw = await ask(['ufw', 'status'])
    if (ufw !== undefined && /^Status: active/mu.test(ufw)) {
      const blocked = ports.filter((port) => !ufwAllows(ufw, port))
      return verdict('ufw', blocked, `ufw allow ${blocked.join(',')}/tcp`)
    }
    const firewalld = await ask(['firewall-cmd', '--list-all'])
    if (firewalld !== undefined) {
      const blocked = ports.filter((port) => !firewalldAllows(firewalld, port))
      const open = blocked.map((port) => `--add-port=${port}/tcp`).join(' ')
      return verdict('firewalld', blocked, `firewall-cmd --permanent ${open} && firewall-cmd --reload`)
    }
    const nft = await ask(['nft', 'list', 'ruleset'])
    if (nft !== undefined && nft.trim() !== '')
      return verdict(
        'nftables',
        ports.filter((port) => !nftAllows(nft, port)),
        'nft list ruleset',
      )
    const iptables = await ask(['iptables', '-S', 'INPUT'])
    if (iptables !== undefined)
      return verdict(
        'iptables',
        ports.filter((port) => !iptablesAllows(iptables, port)),
        'iptables -S INPUT',
      )
    return { state: 'skip', detail: 'No firewall tool of this host could be asked.' }
  },
})

function verdict(tool: string, blocked: readonly number[], command: string) {
  if (blocked.length === 0) return { state: 'ok' as const, detail: `${tool} lets the public ports through.` }
  return {
    state: 'warn' as const,
    detail: `${tool} seems to block port ${blocked.join(' and ')}.`,
    hint:
      tool === 'nftables' || tool === 'iptables'
        ? `Open the ports; the rules: \`${command}\``
        : `Run \`${command}\``,
  }
}

const SERVICES: Record<number, string[]> = {
  80: ['http', 'WWW', 'Nginx HTTP'],
  443: ['https', 'WWW Secure', 'Nginx HTTPS'],
}

export function ufwAllows(status: string, port: number): boolean {
  return status.split('\n').some((line) => {
    const match = /^(.+?)\s{2,}(ALLOW|LIMIT)\b/u.exec(line)
    if (!match) return false
    const to = (match[1] ?? '').replace(/ \(v6\)$/u, '').trim()
    return (
      covers(to.replace(/\/tcp$/u, ''), port) ||
      to === 'Anywhere' ||
      /^(?:Nginx|WWW|Apache) Full$/u.test(to) ||
      (SERVICES[port] ?? []).includes(to)
    )
  })
}

export function firewalldAllows(list: string, port: number): boolean {
  const words = (key: string) =>
    (new RegExp(`^\\s*${key}:(.*)$`, 'mu').exec(list)?.[1] ?? '').trim().split(/\s+/u)
  if (/^\s*target:\s*ACCEPT/mu.test(list)) return true
  return (
    words('services').some((service) => (SERVICES[port] ?? []).includes(service)) ||
    words('ports').some((range) => range.endsWith('/tcp') && covers(range.slice(0, -4), port))
  )
}

/** Open unless an input chain drops by default and no rule of it names the port. */
export function nftAllows(ruleset: string, port: number): boolean {
  const chains = ruleset.split(/^\s*chain /mu).slice(1)
  const closed = chains.filter((chain) => /hook input[^;]*;\s*policy drop/u.test(chain))
  if (closed.length === 0) return true
  return ruleset
    .split('\n')
    .some(
      (line) =>
        /\baccept\b/u.test(line) &&
        /dport/u.test(line) &&
        namesPort(/dport\s+(\{[^}]*\}|\S+)/u.exec(line)?.[1] ?? '', port),
    )
}

export function iptablesAllows(rules: string, port: number): boolean {
  if (!/^-P INPUT (?:DROP|REJECT)/mu.test(rules)) return true
  return rules.split('\n').some((line) => {
    if (!/-j ACCEPT\b/u.test(line)) return false
    const list = /--dports?\s+(\S+)/u.exec(line)?.[1]
    return list === undefined
      ? line.trim() === '-A INPUT -j ACCEPT'
      : namesPort(list.replaceAll(':', '-'), port)
  })
}

const namesPort = (text: string, port: number) =>
  text
    .replace(/[{}]/gu, '')
    .split(',')
    .some((part) => covers(part.trim(), port) || (SERVICES[port] ?? []).includes(part.trim()))

/** `443`, `80,443` or `8000:9000` (also with a dash). */
function covers(text: string, port: number): boolean {
  return text.split(',').some((part) => {
    const [from, to] = part.split(/[-:]/u)
    return /^\d+$/u.test(from ?? '') && port >= Number(from) && port <= Number(to ?? from)
  })
}
