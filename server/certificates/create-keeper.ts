/** Joins the keeper to the world: ACME servers over the network, secrets, DNS, the folder that nginx serves. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../config/environment.ts'
import type { Exec } from '../docker/container.ts'
import { createTurn } from '../jobs/turn.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { accountKey } from './acme/account.ts'
import { factsOf } from './acme/directory.ts'
import { orderCertificate } from './acme/order.ts'
import { askAdvice } from './acme/renewal-info.ts'
import { createTransport } from './acme/transport.ts'
import type { Prover } from './challenges/challenge.ts'
import { createDnsProver } from './challenges/dns-01.ts'
import { createHttpProver } from './challenges/http-01.ts'
import type { TxtRecords } from './challenges/txt-records-store.ts'
import { createKeeper, type KeeperDeps } from './keep.ts'
import { createLookAt } from './look-at.ts'
import { preflight, wildcardCause } from './preflight.ts'
import type { AcmeSource } from './source.ts'

interface WorldDeps extends Omit<KeeperDeps, 'order' | 'advice' | 'preflight'> {
  dirs: { state: string; proxy: string }
  network: Environment['network']
  secrets: Pick<Secrets, 'get'>
  exec: Exec
  records: TxtRecords
  /** Contact for the server; nothing else. */
  email(): string | undefined
}

export function keeperOf({ dirs, network, secrets, exec, records, email, ...deps }: WorldDeps) {
  const proofs = join(dirs.proxy, 'acme')
  const http = createHttpProver({ dir: proofs })
  const look = createLookAt({ dir: proofs })
  const transportFor = ({ ca }: AcmeSource) =>
    createTransport({
      ca: ca === undefined ? undefined : readFileSync(ca, 'utf8'),
      proxy: network,
      now: deps.now,
    })
  // where a provider replaces a whole set of records, two writers at once would lose one value
  const turn = createTurn()
  const transport = createTransport({ ca: undefined, proxy: network, now: deps.now })
  const proverFor = ({ dns }: AcmeSource): Prover =>
    dns === undefined
      ? http
      : createDnsProver(dns, { secrets, exec, now: deps.now, transport, turn, records })

  return createKeeper({
    ...deps,
    order(source, { directory, replaces }) {
      const contact = email() ?? source.contact
      const { eab, profile, chain, names } = source
      return orderCertificate({
        server: {
          directory,
          accountKey: accountKey(join(dirs.state, 'acme'), directory),
          ...(contact ? { contact } : {}),
          ...(eab ? { eab: { kid: eab.kid, hmacKey: secrets.get(eab.key.secret) } } : {}),
          transport: transportFor(source),
        },
        names,
        prover: proverFor(source),
        publiclyTrusted: factsOf(directory).publiclyTrusted,
        ...(profile ? { profile } : {}),
        ...(chain ? { chain } : {}),
        ...(replaces ? { replaces } : {}),
      })
    },
    advice: (source, leafPem) =>
      askAdvice({ directory: source.directory, leafPem, now: deps.now() }, transportFor(source)),
    async preflight(source) {
      const { caa } = factsOf(source.directory)
      // a private server has its own view of DNS: what this machine sees says nothing
      return caa === undefined ? wildcardCause(source) : preflight(source, caa, look)
    },
  })
}
