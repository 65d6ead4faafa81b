import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBox } from './box.ts'
import { pebbleMissing, startPebble } from './pebble.ts'
import { visitTrusting } from './visit-trusting.ts'

t.test(
  'summoner add wordpress ends with a certificate of the configured server, and it renews by itself',
  { skip: pebbleMissing(), timeout: 900_000 },
  async (t) => {
    const box = await createBox({ boot: false, templates: [] })
    t.teardown(() => box.remove())
    const pebble = await startPebble({ httpPort: box.httpPort, validSeconds: 90 })
    t.teardown(() => pebble.stop())
    box.configure(`  tls: { acme: "${pebble.directory}", ca: ${pebble.caFile} }\n`)
    await box.boot()
    for (const job of await box.apply()) t.equal(job.state, 'succeeded', JSON.stringify(job.problem))
    const added = await box.cli(['add', 'wordpress'])
    t.equal(added.code, 0, added.stdout + added.stderr)

    const host = `wordpress.${box.domain}`
    const root = await pebble.root()
    const visit = () => visitTrusting(host, box.httpsPort, root, '/')
    const first = await visit()
    t.equal(first.status, 200, 'verifies against the root of the server')
    let { serial } = first
    for (
      const deadline = Date.now() + 120_000;
      serial === first.serial && Date.now() < deadline;
      await sleep(500)
    )
      serial = (await visit().catch(() => first)).serial
    t.not(serial, first.serial, 'renewed as time went by')
    t.equal((await box.minion('wordpress')).status, 'running')
  },
)
