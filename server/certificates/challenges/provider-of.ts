/** From `tls.dns` of config.yml to the provider it names, with its credentials read at the moment of use. */
import type { Exec } from '../../docker/container.ts'
import { SummonerError } from '../../errors.ts'
import type { Turn } from '../../jobs/turn.ts'
import type { Transport } from '../acme/transport.ts'
import { createCloudflare } from './cloudflare.ts'
import type { DnsProvider } from './dns-provider.ts'
import type { DnsSettings } from './dns-settings.ts'
import { createExecProvider } from './exec-provider.ts'
import { createGandi } from './gandi.ts'
import { createHetzner } from './hetzner.ts'
import { createOvh } from './ovh.ts'
import { createRfc2136 } from './rfc2136.ts'

export interface DnsDeps {
  secrets: { get(name: string): string }
  exec: Exec
  now(): Date
  /** To the providers that have an HTTP API. */
  transport: Transport
  turn: Turn
}

export function providerOf(settings: DnsSettings, deps: DnsDeps): DnsProvider {
  const { exec, transport, now, turn } = deps
  const secretOf = ({ secret }: { secret: string }): string => deps.secrets.get(secret)
  const { rfc2136, cloudflare, ovh, gandi, hetzner, exec: hook } = settings
  if (rfc2136) return createRfc2136({ ...rfc2136, secret: secretOf(rfc2136.secret) }, exec)
  if (cloudflare) return createCloudflare({ ...cloudflare, token: secretOf(cloudflare.token), transport })
  if (gandi) return createGandi({ ...gandi, token: secretOf(gandi.token), transport, turn })
  if (hetzner) return createHetzner({ ...hetzner, token: secretOf(hetzner.token), transport })
  if (ovh) {
    const [secret, consumer] = [secretOf(ovh.secret), secretOf(ovh.consumer)]
    return createOvh({ ...ovh, secret, consumer, transport, now })
  }
  if (hook)
    return createExecProvider(
      { argv: hook.argv, ...(hook.secret ? { secret: secretOf(hook.secret) } : {}) },
      exec,
    )
  throw new SummonerError('certificate.failed', 'config.yml names no DNS provider.')
}
