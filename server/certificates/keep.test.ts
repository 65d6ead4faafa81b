import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openDatabase } from '../db/open-database.ts'
import { openAuthority } from './authority.ts'
import { createCertificates } from './create-certificates.ts'
import { createKeeper } from './keep.ts'
import { createLedger } from './ledger-store.ts'
import { createCertificateStore } from './store.ts'

const DAY = 86_400_000

t.test('the end of a certificate from files is told at 20 and at 10 percent of its life', async (t) => {
  const dir = t.testdir({ box: {} })
  let ahead = 0
  const now = () => new Date(Date.now() + ahead)
  const made = await openAuthority({ dir: join(dir, 'ca'), used: () => false, now })
  const source = { kind: 'files' as const, certificate: join(dir, 'chain.pem'), key: join(dir, 'key.pem') }
  const lay = async () => {
    const pair = await made.issue(['a.kit.test'])
    writeFileSync(source.certificate, pair.fullchain)
    writeFileSync(source.key, pair.privateKey)
    await certificates.ensure('a.kit.test')
  }
  const told: string[] = []
  const events = {
    append: (event: { type: string; title: string }) => {
      if (event.type === 'certificate.expiring') told.push(event.title)
      return { id: 1, at: '', source: 'summoner', severity: 'info' as const, data: {}, ...event }
    },
  }
  const store = createCertificateStore({ dir: join(dir, 'box') })
  const authority = await openAuthority({ dir: join(dir, 'box'), used: () => false, now })
  const certificates = createCertificates({ store, authority, now, events, source: () => source })
  const { db } = openDatabase({
    file: join(dir, 'summoner.db'),
    log: { info: () => {}, error: () => {} },
  })
  const keeper = createKeeper({
    ledger: createLedger(db),
    store,
    events,
    now,
    random: () => 0.5,
    hosts: () => ['a.kit.test'],
    source: () => source,
    proxyRuns: () => true,
    publish: async () => undefined,
    unusable: () => undefined,
    onError: (error) => t.error(error),
    order: async () => Promise.reject(new Error('files are never ordered')),
    preflight: async () => undefined,
    advice: async () => undefined,
  })
  t.teardown(async () => {
    await keeper.stop()
    db.close()
  })
  const look = async () => {
    keeper.soon()
    await sleep(400)
    return told.length
  }
  await lay()
  t.equal(await look(), 0)
  ahead = 73 * DAY
  t.equal(await look(), 1)
  t.match(told[0], /a\.kit\.test ends at .*tls\.files/)
  t.equal(await look(), 1, 'once')
  ahead = 82 * DAY
  t.equal(await look(), 2)
  await lay()
  t.equal(await look(), 2, 'new files end it')
})

interface RigInput {
  hosts: string[]
  directoryOf(host: string): string
  advice?: () => Promise<undefined>
}

/** Orders that succeed at once, by an authority of the test. */
async function rig(t: Test, { hosts, directoryOf, advice = async () => undefined }: RigInput) {
  const dir = t.testdir({ box: {} })
  const now = () => new Date()
  const authority = await openAuthority({ dir: join(dir, 'ca'), used: () => false, now })
  const store = createCertificateStore({ dir: join(dir, 'box') })
  const { db } = openDatabase({ file: join(dir, 'summoner.db'), log: { info: () => {}, error: () => {} } })
  const issue = async (host: string) => ({
    ...(await authority.issue([host])),
    source: directoryOf(host),
  })
  const ordered: string[] = []
  const errors: unknown[] = []
  const keeper = createKeeper({
    ledger: createLedger(db),
    store,
    events: {
      append: (event) => ({ id: 1, at: '', source: 'summoner', severity: 'info', data: {}, ...event }),
    },
    now,
    random: () => 0.5,
    hosts: () => hosts,
    source: (host) => ({ kind: 'acme', directory: directoryOf(host), names: [host], required: true }),
    proxyRuns: () => true,
    publish: async () => undefined,
    unusable: () => undefined,
    onError: (error) => errors.push(error),
    order: async ({ names: [name = ''] }) => {
      ordered.push(name)
      return issue(name)
    },
    preflight: async () => undefined,
    advice,
  })
  t.teardown(async () => {
    await keeper.stop()
    db.close()
  })
  /** Until no more is ordered. */
  const settle = async () => {
    keeper.soon()
    for (let before = -1; before !== ordered.length || before === 0; await sleep(500)) before = ordered.length
    return ordered
  }
  return { keeper, store, issue, errors, settle }
}

t.test('a server that cannot be asked for advice keeps nobody else from a certificate', async (t) => {
  const { store, issue, errors, settle } = await rig(t, {
    hosts: ['a.kit.test', 'b.kit.test'],
    directoryOf: (host) => `https://${host}/directory`,
    advice: () => {
      throw new Error('our-root.pem: no such file')
    },
  })
  store.put('a.kit.test', ['a.kit.test'], await issue('a.kit.test'))
  t.same(await settle(), ['b.kit.test'])
  t.same(errors, [])
})

t.test('sixty new hosts of one domain at once: not one order more than its week allows', async (t) => {
  const { keeper, settle, errors } = await rig(t, {
    hosts: Array.from({ length: 60 }, (_, index) => `h${index}.example.org`),
    directoryOf: () => 'https://acme-v02.api.letsencrypt.org/directory',
  })
  t.equal((await settle()).length, 49, 'one is kept for a person')
  t.same(errors, [])
  t.equal(keeper.list().filter(({ held }) => /new certificates of one domain/.test(held ?? '')).length, 11)
  const waiting = keeper.list().find(({ certificate }) => certificate === undefined)?.hosts[0] ?? ''
  t.same(await keeper.renew(waiting), [{ names: [waiting] }], 'and a person who asks gets it')
})
