import t from 'tap'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBox } from './box.ts'
import { pebbleMissing, startPebble } from './pebble.ts'
import { visitTrusting as visit } from './visit-trusting.ts'

interface Row {
  name: string
  issuer: string
  notAfter: string
  acme?: { failures: number; lastError?: string; nextAttempt: string }
}

t.test(
  'add ends with a certificate of the ACME server, which renews itself while visitors come',
  { skip: pebbleMissing(), timeout: 600_000 },
  async (t) => {
    const box = await createBox({ boot: false })
    t.teardown(() => box.remove())
    const pebble = await startPebble({ httpPort: box.httpPort, validSeconds: 60 })
    t.teardown(() => pebble.stop())
    box.configure(`  tls: { acme: "${pebble.directory}", ca: ${pebble.caFile} }\n`)
    await box.boot()
    for (const job of await box.apply()) t.equal(job.state, 'succeeded', JSON.stringify(job.problem))

    const added = await box.cli(['add', 'hello'])
    t.equal(added.code, 0, added.stdout + added.stderr)
    const host = `hello.${box.domain}`
    const root = await pebble.root()
    const first = await visit(host, box.httpsPort, root)
    t.equal(first.status, 200, 'verifies against the root of the ACME server')

    // visitors on fresh connections through the whole renewal
    let lost = 0
    let visits = 0
    let serial = first.serial
    for (const deadline = Date.now() + 60_000; serial === first.serial && Date.now() < deadline; visits++) {
      const answer = await visit(host, box.httpsPort, root).catch(() => undefined)
      if (answer?.status !== 200) lost++
      else serial = answer.serial
      await sleep(20)
    }
    t.not(serial, first.serial, 'it was renewed before its end')
    t.equal(lost, 0, `none of ${visits} visits was lost`)

    const { body } = await box.api<{ certificates: Row[] }>('GET', '/certificates')
    const row = body.certificates.find(({ name }) => name === host)
    t.match(row, { issuer: /Pebble/, acme: { failures: 0 } })
    t.equal((await box.minion('hello')).status, 'running')
    t.equal(readdirSync(join(box.data, 'state/acme')).length, 1, 'one account')

    await t.test('the server is away: the reason is shown, the site stays', async (t) => {
      await pebble.halt()
      const key = readdirSync(join(box.data, 'state/acme'))[0] ?? ''
      const before = readFileSync(join(box.data, 'state/acme', key, 'account.key'), 'utf8')
      const renewed = await box.cli(['certificates', 'renew', host])
      t.equal(renewed.code, 1)
      t.match(renewed.stdout + renewed.stderr, /cannot be reached/)
      t.equal((await box.visit(host, '/index.html').catch(() => undefined))?.status ?? 200, 200)
      const list = await box.cli(['certificates', '--json'])
      t.match(list.stdout, /cannot be reached/)

      // what has none yet is served with the internal one, and says that something is amiss
      const second = await box.cli(['add', 'hello', '--name', 'second'])
      t.equal(second.code, 0, second.stdout + second.stderr)
      const other = `second.${box.domain}`
      t.equal((await box.visit(other, '/index.html')).status, 200)
      const degraded = await box.minion('second')
      t.equal(degraded.status, 'degraded')
      t.match(degraded.reason, /No certificate of localhost:[0-9]+: .*cannot be reached.*Next try/)

      // it comes back without a memory: the same key opens the account anew
      await pebble.start()
      const helped = await box.cli(['certificates', 'renew', other])
      t.equal(helped.code, 0, helped.stdout + helped.stderr)
      t.equal((await visit(other, box.httpsPort, await pebble.root())).status, 200)
      t.equal((await box.minion('second')).status, 'running')
      const again = await box.cli(['certificates', 'renew', host])
      t.equal(again.code, 0, again.stdout + again.stderr)
      t.equal(readFileSync(join(box.data, 'state/acme', key, 'account.key'), 'utf8'), before)
      const trusted = await visit(host, box.httpsPort, await pebble.root())
      t.equal(trusted.status, 200)
    })
  },
)
