/** DNS-01: a TXT record by the provider that config.yml names, seen by the zone's own servers before the ACME server looks. */
import { Resolver } from 'node:dns/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Prover } from './challenge.ts'
import type { TxtRecord } from './dns-provider.ts'
import type { DnsSettings } from './dns-settings.ts'
import { type DnsDeps, providerOf } from './provider-of.ts'
import type { TxtRecords } from './txt-records-store.ts'

const SEEN_WITHIN_MS = 120_000

interface ProverDeps extends DnsDeps {
  records: TxtRecords
}

export function createDnsProver(settings: DnsSettings, { records, ...deps }: ProverDeps): Prover {
  const provider = providerOf(settings, deps)
  const remove = async (record: TxtRecord): Promise<void> => {
    await provider.remove(record)
    records.end(record)
  }
  const recordOf = (name: string, value: string): TxtRecord => ({ name: `_acme-challenge.${name}`, value })
  return {
    type: 'dns-01',
    async present({ name, value }) {
      const record = recordOf(name, value)
      // what cannot be taken away is no reason to go without a certificate
      for (const left of records.leftOf(record.name)) await remove(left).catch(() => undefined)
      records.begin(record)
      await provider.add(record)
      if (settings.wait === undefined)
        await untilSeen(record, deps.now().getTime() + SEEN_WITHIN_MS, deps.now)
      else await sleep(settings.wait * 1000)
    },
    remove: ({ name, value }) => remove(recordOf(name, value)),
  }
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
