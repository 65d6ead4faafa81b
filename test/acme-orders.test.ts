import t from 'tap'
import { X509Certificate } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { accountKey } from '../server/certificates/acme/account.ts'
import { orderCertificate } from '../server/certificates/acme/order.ts'
import { createTransport } from '../server/certificates/acme/transport.ts'
import { createDnsProver } from '../server/certificates/challenges/dns-01.ts'
import { createTurn } from '../server/jobs/turn.ts'
import { OVH, startDnsApi, TOKEN } from '../server/certificates/challenges/dns-apis.fixture.ts'
import { createHttpProver } from '../server/certificates/challenges/http-01.ts'
import { createTxtRecords } from '../server/certificates/challenges/txt-records-store.ts'
import { openDatabase } from '../server/db/open-database.ts'
import { createExec } from '../server/docker/exec.ts'
import { proofServer } from './keeper-rig.ts'
import { pebbleMissing, startPebble } from './pebble.ts'

const log = { info: () => {}, warn: () => {}, error: () => {} }
const records = createTxtRecords(openDatabase({ file: join(t.testdir(), 'summoner.db'), log }).db)
const skip = pebbleMissing()
const now = () => new Date()

const serverOf = (pebble: { directory: string; caFile: string }, dir: string) => ({
  directory: pebble.directory,
  accountKey: accountKey(join(dir, 'accounts'), pebble.directory),
  transport: createTransport({ ca: readFileSync(pebble.caFile, 'utf8'), proxy: {}, now }),
})

t.test(
  '30 of 30 orders, half of all requests refused for their nonce',
  { skip, timeout: 300_000 },
  async (t) => {
    const dir = t.testdir({ proofs: {} })
    const proofs = join(dir, 'proofs')
    const web = await proofServer(proofs)
    t.teardown(web.close)
    const env = { PEBBLE_WFE_NONCEREJECT: '50', PEBBLE_AUTHZREUSE: '50' }
    const pebble = await startPebble({ httpPort: web.port, env })
    t.teardown(() => pebble.stop())
    const server = serverOf(pebble, dir)
    const prover = createHttpProver({ dir: proofs })
    const root = new X509Certificate(await pebble.root())
    const names = Array.from({ length: 30 }, (_, index) => `host${index}.kit.test`)
    const tries = new Map<string, number>()
    const failures: string[] = []
    const waiting = [...names]
    const worker = async () => {
      for (let name = waiting.shift(); name; name = waiting.shift()) {
        for (let done = false; !done && (tries.get(name) ?? 0) < 5;) {
          tries.set(name, (tries.get(name) ?? 0) + 1)
          try {
            const issued = await orderCertificate({ server, names: [name], prover, publiclyTrusted: false })
            const leaf = new X509Certificate(issued.fullchain)
            done = leaf.checkHost(name) !== undefined && leaf.issuer.includes('Pebble') && root.ca
          } catch (error) {
            failures.push(String(error))
          }
          if (!done && tries.get(name) === 5) t.fail(`${name} has no certificate: ${failures.at(-1)}`)
        }
      }
    }
    await Promise.all(Array.from({ length: 10 }, worker))
    t.equal(tries.size, 30)
    t.ok(Math.max(...tries.values()) <= 5, `at most ${Math.max(...tries.values())} orders for one name`)
    t.comment(`${failures.length} orders had to be repeated`)
  },
)

t.test('a wildcard by DNS-01, through a program of the operator', { skip, timeout: 120_000 }, async (t) => {
  const dir = t.testdir({ children: {} })
  const pebble = await startPebble({ httpPort: 1 })
  t.teardown(() => pebble.stop())
  mkdirSync(join(dir, 'bin'))
  const program = join(dir, 'bin/hook.mjs')
  const seen = join(dir, 'seen')
  writeFileSync(
    program,
    `import { appendFileSync } from 'node:fs'
const [action, name, value] = process.argv.slice(2)
appendFileSync(${JSON.stringify(seen)}, action + ' ' + name + ' ' + process.env.DNS_SECRET + '\\n')
const path = action === 'add' ? 'set-txt' : 'clear-txt'
await fetch('http://127.0.0.1:${pebble.dnsManagement}/' + path, {
  method: 'POST',
  body: JSON.stringify({ host: name + '.', value }),
})
`,
  )
  const exec = createExec({ runDir: join(dir, 'children'), network: {}, redact: (text) => text })
  const secrets = { get: (name: string) => `value of ${name}` }
  const prover = createDnsProver(
    { exec: { argv: [process.execPath, program], secret: { secret: 'dns' } }, wait: 0 },
    {
      secrets,
      exec,
      now,
      transport: createTransport({ ca: undefined, proxy: {}, now }),
      turn: createTurn(),
      records,
    },
  )
  const names = ['kit.test', '*.kit.test']
  const issued = await orderCertificate({
    server: serverOf(pebble, dir),
    names,
    prover,
    publiclyTrusted: false,
  })
  const leaf = new X509Certificate(issued.fullchain)
  t.ok(leaf.checkHost('any.kit.test'))
  t.ok(leaf.checkHost('kit.test'))
  const line = '_acme-challenge.kit.test value of dns'
  t.same(readFileSync(seen, 'utf8').trim().split('\n'), [
    `add ${line}`,
    `remove ${line}`,
    `add ${line}`,
    `remove ${line}`,
  ])
})

for (const which of ['cloudflare', 'ovh', 'gandi', 'hetzner'] as const)
  t.test(`a wildcard by DNS-01, through the API of ${which}`, { skip, timeout: 120_000 }, async (t) => {
    const dir = t.testdir({ children: {} })
    const pebble = await startPebble({ httpPort: 1 })
    t.teardown(() => pebble.stop())
    const api = await startDnsApi(which, async (name, values) => {
      await pebble.dns('clear-txt', { host: `${name}.` })
      for (const value of values) await pebble.dns('set-txt', { host: `${name}.`, value })
    })
    t.teardown(api.close)
    const secrets = { get: (name: string) => ({ token: TOKEN, ...OVH })[name] ?? '' }
    const token = { token: { secret: 'token' }, api: api.url }
    const ovh = { key: OVH.key, secret: { secret: 'secret' }, consumer: { secret: 'consumer' }, api: api.url }
    const exec = createExec({ runDir: join(dir, 'children'), network: {}, redact: (text) => text })
    const transport = createTransport({ ca: undefined, proxy: {}, now })
    const prover = createDnsProver(
      { wait: 0, ...(which === 'ovh' ? { ovh } : { [which]: token }) },
      { secrets, exec, now, transport, turn: createTurn(), records },
    )
    const names = ['kit.test', '*.kit.test']
    const server = serverOf(pebble, dir)
    const issued = await orderCertificate({ server, names, prover, publiclyTrusted: false })
    t.ok(new X509Certificate(issued.fullchain).checkHost('any.kit.test'))
    t.same(api.values('_acme-challenge.kit.test'), [], 'nothing stays behind')
  })

t.test('roots of the server that change are used at the next order', { skip, timeout: 60_000 }, async (t) => {
  const dir = t.testdir({ proofs: {} })
  const web = await proofServer(join(dir, 'proofs'))
  t.teardown(web.close)
  const pebble = await startPebble({ httpPort: web.port })
  t.teardown(() => pebble.stop())
  const server = serverOf(pebble, dir)
  const prover = createHttpProver({ dir: join(dir, 'proofs') })
  const order = { names: ['a.kit.test'], prover, publiclyTrusted: false }
  await orderCertificate({ server, ...order })
  const old = createTransport({ ca: undefined, proxy: {}, now })
  await t.rejects(orderCertificate({ server: { ...server, transport: old }, ...order }), /cannot be reached/)
  await orderCertificate({ server, ...order })
})
