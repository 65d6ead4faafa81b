/** The keeper of certificates alone for a test: real ledger, store and orders, its own clock, no proxy. */
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { keeperOf } from '../server/certificates/create-keeper.ts'
import { createTxtRecords } from '../server/certificates/challenges/txt-records-store.ts'
import { createLedger } from '../server/certificates/ledger-store.ts'
import type { AcmeSource } from '../server/certificates/source.ts'
import { createCertificateStore } from '../server/certificates/store.ts'
import { openDatabase } from '../server/db/open-database.ts'
import { createExec } from '../server/docker/exec.ts'

/** The folder of proofs as nginx would serve it. */
export async function proofServer(dir: string) {
  const server = createServer((request, response) => {
    readFile(join(dir, basename(request.url ?? '')))
      .then((text) => response.end(text))
      .catch(() => response.writeHead(404).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as { port: number }).port, close: () => server.close() }
}

interface RigOptions {
  /** Kept from rig to rig: what a daemon finds after a crash. */
  dir: string
  hosts: string[]
  source: Partial<AcmeSource> & { directory: string }
  /** Starts at the true time. */
  clock?: { ahead: number }
}

export function createKeeperRig({ dir, hosts, source, clock = { ahead: 0 } }: RigOptions) {
  const dirs = {
    state: join(dir, 'state'),
    proxy: join(dir, 'proxy'),
    certificates: join(dir, 'certificates'),
  }
  for (const made of [dirs.state, join(dirs.proxy, 'acme'), dirs.certificates, join(dir, 'children')])
    mkdirSync(made, { recursive: true })
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const { db } = openDatabase({ file: join(dirs.state, 'summoner.db'), log })
  const ledger = createLedger(db)
  const store = createCertificateStore({ dir: dirs.certificates })
  const events: { type: string; title: string }[] = []
  const errors: unknown[] = []
  const now = () => new Date(Date.now() + clock.ahead)
  const keeper = keeperOf({
    ledger,
    records: createTxtRecords(db),
    store,
    events: {
      append: (event) => {
        events.push(event)
        return { id: events.length, at: '', source: 'summoner', severity: 'info', data: {}, ...event }
      },
    },
    now,
    random: Math.random,
    hosts: () => hosts,
    source: (host) => ({ kind: 'acme', names: [host], required: true, ...source }),
    proxyRuns: () => true,
    publish: async () => undefined,
    unusable: () => undefined,
    onError: (error) => void errors.push(error),
    dirs,
    network: {},
    secrets: { get: () => '' },
    exec: createExec({ runDir: join(dir, 'children'), network: {}, redact: (text) => text }),
    email: () => undefined,
  })
  const attempts = () => ledger.attempts(source.directory)
  const underway = () => attempts().filter(({ outcome }) => outcome === 'underway').length
  /** Cut off by a crash: nobody ends them any more. */
  const cutOff = underway()

  /** Until nothing is due at this moment of the clock. */
  const settle = async (withinMs = 120_000): Promise<void> => {
    keeper.soon()
    await sleep(300)
    for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(100)) {
      const busy = underway() > cutOff
      if (!busy && keeper.list().every(({ nextAttempt }) => Date.parse(nextAttempt) > now().getTime())) return
    }
    throw new Error(`still busy: ${JSON.stringify(keeper.list().slice(0, 3))}`)
  }
  return {
    keeper,
    store,
    events,
    errors,
    attempts,
    now,
    settle,
    /** To this moment, as if the machine had slept. */
    async at(moment: Date | string): Promise<void> {
      clock.ahead += new Date(moment).getTime() - now().getTime()
      await settle()
    },
    async stop(): Promise<void> {
      await keeper.stop()
      db.close()
    },
  }
}
