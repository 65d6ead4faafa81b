/**
 * The room of certificates, put together. Its shape:
 *
 *   store.ts                 the pairs on disk; certificate.ts says what one is
 *   authority.ts             the box's own root, which signs at once for every host
 *   create-certificates.ts   which pair a host is served with; source.ts says where config.yml wants it from
 *   keep.ts                  orders, renews and warns by itself (create-keeper.ts joins it to the network)
 *   acme/, challenges/       the protocol, and the proofs of control by HTTP and DNS
 *   ledger.ts, budget.ts     when to try again, and what is left of the limits of the servers
 *   forget.ts                pairs that nobody needs
 */
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Database } from 'better-sqlite3'
import type { Config } from '../config/config.ts'
import type { Directories, Environment } from '../config/environment.ts'
import type { Exec } from '../docker/container.ts'
import type { Events } from '../events/event.ts'
import type { Publisher } from '../proxy/publish.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { openAuthority } from './authority.ts'
import { certificatesRoutes } from './certificates.routes.ts'
import { clearProofs } from './challenges/http-01.ts'
import { createTxtRecords } from './challenges/txt-records-store.ts'
import { createCertificates } from './create-certificates.ts'
import { keeperOf } from './create-keeper.ts'
import { forgetStale, inUse } from './forget.ts'
import { createLedger } from './ledger-store.ts'
import { sourceOf } from './source.ts'
import { createCertificateStore } from './store.ts'

interface TrustDeps {
  db: Database
  dirs: Pick<Directories, 'certificates' | 'state' | 'proxy'>
  config(): Config
  events: Events
  secrets: Pick<Secrets, 'get'>
  exec: Exec
  network: Environment['network']
  /** The publisher is given these certificates, so it comes after them. */
  publisher(): Publisher
  proxyRuns(): boolean
  now(): Date
  random(): number
  onError(error: unknown): void
}

export async function createTrust({ db, dirs, config, publisher, now, events, ...deps }: TrustDeps) {
  const store = createCertificateStore({ dir: dirs.certificates })
  const authority = await openAuthority({ dir: dirs.certificates, used: () => store.list().length > 0, now })
  const source = (host: string) => sourceOf(host, config(), publisher().wishOf(host))
  const certificates = createCertificates({ store, authority, now, events, source })
  const keeper = keeperOf({
    ...deps,
    ledger: createLedger(db),
    records: createTxtRecords(db),
    store,
    events,
    now,
    hosts: () => publisher().secureHosts(),
    source,
    publish: () => publisher().sync(),
    unusable: certificates.problem,
    dirs,
    email: () => config().email,
  })
  /** What people are shown. */
  const shown = {
    list: () => inUse(certificates.list(), publisher().usedCertificates()),
    rootPem: certificates.rootPem,
  }
  return {
    certificates,
    keeper,
    shown,
    routes: async (app: FastifyInstance) => {
      await app.register(certificatesRoutes({ certificates: shown, keeper, now }))
    },
    forgetStale(): void {
      const used = publisher().usedCertificates()
      if (used) forgetStale(store, used, now())
    },
    /** Proofs that a crash left behind go before new ones are asked for. */
    start: () => clearProofs(join(dirs.proxy, 'acme')),
    stop: () => keeper.stop(),
  }
}
