/** DNS-01: a TXT record by the provider that config.yml names, seen by the zone's own servers before the ACME server looks. */
import { Resolver } from 'node:dns/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exec } from '../../docker/container.ts'
import { SummonerError } from '../../errors.ts'
import type { Prover } from './challenge.ts'
import type { DnsProvider, TxtRecord } from './dns-provider.ts'
import type { DnsSettings } from './dns-settings.ts'
import { createExecProvider } from './exec-provider.ts'
import { createRfc2136 } from './rfc2136.ts'

export interface DnsDeps {
  secrets: { get(name: string): string }
  exec: Exec
  now(): Date
}

const SEEN_WITHIN_MS = 120_000

export function createDnsProver(settings: DnsSettings, deps: DnsDeps): Prover {
  const provider = providerOf(settings, deps)
  const recordOf = (name: string, value: string): TxtRecord => ({ name: `_acme-challenge.${name}`, value })
  return {
    type: 'dns-01',
    async present({ name, value }) {
      const record = recordOf(name, value)
      await provider.add(record)
      if (settings.wait === undefined)
        await untilSeen(record, deps.now().getTime() + SEEN_WITHIN_MS, deps.now)
      else await sleep(settings.wait * 1000)
    },
    remove: ({ name, value }) => provider.remove(recordOf(name, value)),
  }
}

function providerOf(settings: DnsSettings, { secrets, exec }: DnsDeps): DnsProvider {
  const { rfc2136, exec: hook } = settings
  if (rfc2136) return createRfc2136({ ...rfc2136, secret: secrets.get(rfc2136.secret.secret) }, exec)
  if (hook)
    return createExecProvider(
      { argv: hook.argv, ...(hook.secret ? { secret: secrets.get(hook.secret.secret) } : {}) },
      exec,
    )
  throw new SummonerError('certificate.failed', 'config.yml names no DNS provider.')
}

/** Every server of the zone must have it: the ACME server may ask any. Where they cannot be asked, the ACME server decides. */
async function untilSeen(record: TxtRecord, deadline: number, now: () => Date): Promise<void> {
  const servers = await serversOf(record.name)
  for (const address of servers) {
    const resolver = new Resolver({ timeout: 5_000, tries: 2 })
    resolver.setServers([address])
    while (now().getTime() < deadline) {
      const found = await resolver.resolveTxt(record.name).catch(() => [])
      if (found.some((parts) => parts.join('') === record.value)) break
      await sleep(2_000)
    }
  }
}

/** Addresses of the name servers of the nearest zone above. */
async function serversOf(name: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: 5_000, tries: 2 })
  for (let zone = name; zone.includes('.'); zone = zone.slice(zone.indexOf('.') + 1)) {
    const names = await resolver.resolveNs(zone).catch(() => [])
    if (names.length === 0) continue
    const found = await Promise.all(names.map((server) => resolver.resolve4(server).catch(() => [])))
    return found.flat()
  }
  return []
}
