/** Signed updates against a real name server: Debian's bind9 in a container, which the ACME server asks itself. */
import { X509Certificate, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Resolver } from 'node:dns/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { accountKey } from '../server/certificates/acme/account.ts'
import { orderCertificate } from '../server/certificates/acme/order.ts'
import { createTransport } from '../server/certificates/acme/transport.ts'
import { createDnsProver } from '../server/certificates/challenges/dns-01.ts'
import { createTurn } from '../server/jobs/turn.ts'
import type { DnsSettings } from '../server/certificates/challenges/dns-settings.ts'
import { createTxtRecords } from '../server/certificates/challenges/txt-records-store.ts'
import { openDatabase } from '../server/db/open-database.ts'
import type { Exec } from '../server/docker/container.ts'
import { createEngine } from '../server/docker/engine.ts'
import { createExec } from '../server/docker/exec.ts'
import { createImages } from '../server/images/create-images.ts'
import { pebbleMissing, startPebble } from './pebble.ts'

const now = () => new Date()
const key = randomBytes(32).toString('base64')

const DOCKERFILE = `FROM summoner/base:trixie
RUN apt-get update && apt-get install -y --no-install-recommends bind9 bind9-dnsutils && rm -rf /var/lib/apt/lists/*
`
const conf = (port: number) => `options {
  directory "/zone"; pid-file none; session-keyfile "/zone/session.key"; recursion no;
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
};
controls { };
key acme { algorithm hmac-sha256; secret "${key}"; };
zone "kit.test" { type primary; file "/zone/kit.test"; update-policy { grant acme zonesub TXT; }; };
`
const ZONE = `$TTL 60
@ IN SOA ns.kit.test. ops.kit.test. 1 3600 600 86400 60
@ IN NS ns.kit.test.
ns IN A 127.0.0.1
`

t.test(
  'a wildcard proven by signed updates to bind9',
  { skip: pebbleMissing(), timeout: 500_000 },
  async (t) => {
    const id = randomBytes(3).toString('hex')
    const root = mkdtempSync(join(tmpdir(), `summoner-dns-${id}-`))
    const name = `dns-test-${id}`
    const network = { caBundle: '/etc/ssl/certs/ca-certificates.crt' }
    const exec = createExec({ runDir: join(root, 'children'), network, redact: (text) => text })
    t.teardown(async () => {
      await exec(['docker', 'rm', '-f', name], { ok: [0, 1] })
      rmSync(root, { recursive: true, force: true })
    })
    mkdirSync(join(root, 'minions/.distro/bind9'), { recursive: true })
    mkdirSync(join(root, 'minions/site'))
    writeFileSync(join(root, 'minions/.distro/bind9/Dockerfile'), DOCKERFILE)
    const images = createImages({
      engine: createEngine({ socketPath: '/var/run/docker.sock' }),
      exec,
      network,
      minionsDir: join(root, 'minions'),
      scriptsDir: resolve(import.meta.dirname, '../scripts'),
      boxId: id,
    })
    const image = 'summoner/test-bind9:1'
    await images.ensure(
      [{ service: 'dns', reference: image, build: { context: '../.distro/bind9', version: '1' } }],
      join(root, 'minions/site'),
      { signal: AbortSignal.timeout(400_000), log: () => {}, progress: () => {} },
    )
    const port = await freePort()
    const zone = join(root, 'zone')
    mkdirSync(zone)
    chmodSync(zone, 0o777)
    writeFileSync(join(zone, 'named.conf'), conf(port))
    writeFileSync(join(zone, 'kit.test'), ZONE)
    const run = ['docker', 'run', '-d', '--name', name, '--network', 'host', '-v', `${zone}:/zone`, image]
    await exec([...run, 'named', '-g', '-c', '/zone/named.conf'])

    const resolver = new Resolver({ timeout: 1_000, tries: 1 })
    resolver.setServers([`127.0.0.1:${port}`])
    for (let tries = 0; tries < 60; tries++) {
      if ((await resolver.resolveNs('kit.test').catch(() => [])).length > 0) break
      await sleep(500)
    }

    // the host needs no nsupdate for this test: the container has it
    const inside: Exec = (argv, options) => exec(['docker', 'exec', '-i', name, ...argv], options)
    const log = { info: () => {}, warn: () => {}, error: () => {} }
    const { db } = openDatabase({ file: join(root, 'summoner.db'), log })
    t.teardown(() => void db.close())
    const proverWith = (more: Partial<NonNullable<DnsSettings['rfc2136']>> = {}, secret = key) =>
      createDnsProver(
        {
          rfc2136: {
            server: '127.0.0.1',
            port,
            zone: 'kit.test',
            key: 'acme',
            secret: { secret: 'k' },
            ...more,
          },
          wait: 0,
        },
        {
          secrets: { get: () => secret },
          exec: inside,
          now,
          transport: createTransport({ ca: undefined, proxy: {}, now }),
          turn: createTurn(),
          records: createTxtRecords(db),
        },
      )
    const values = async (host: string): Promise<string[]> =>
      (await resolver.resolveTxt(host).catch(() => [])).map((parts) => parts.join(''))

    await t.test('two values beside each other, each taken away alone', async (t) => {
      const prover = proverWith()
      const proof = (value: string) => ({ name: 'a.kit.test', token: 't', value })
      await prover.present(proof('first'))
      await prover.present(proof('second'))
      t.same((await values('_acme-challenge.a.kit.test')).toSorted(), ['first', 'second'])
      await prover.remove(proof('first'))
      t.same(await values('_acme-challenge.a.kit.test'), ['second'])
      await prover.remove(proof('second'))
      t.same(await values('_acme-challenge.a.kit.test'), [])
    })

    await t.test('what a killed daemon left in the zone goes with the next order of the name', async (t) => {
      const proof = (value: string) => ({ name: 'c.kit.test', token: 't', value })
      await proverWith().present(proof('cut-off'))
      const next = proverWith()
      await next.present(proof('new'))
      await next.present(proof('beside-it'))
      t.same((await values('_acme-challenge.c.kit.test')).toSorted(), ['beside-it', 'new'])
      for (const value of ['new', 'beside-it']) await next.remove(proof(value))
      t.same(await values('_acme-challenge.c.kit.test'), [])
      t.equal(db.prepare('SELECT count(*) FROM txt_records').pluck().get(), 0)
    })

    await t.test('a wrong key and a foreign zone are refused, and the reason is told', async (t) => {
      const proof = { name: 'b.kit.test', token: 't', value: 'x' }
      const wrong = randomBytes(32).toString('base64')
      await t.rejects(proverWith({}, wrong).present(proof), { message: /NOTAUTH|BADSIG|bad/i })
      await t.rejects(proverWith({ zone: 'other.test' }).present({ ...proof, name: 'b.other.test' }), {
        message: /NOTAUTH|REFUSED|NOTZONE/i,
      })
      t.same(await values('_acme-challenge.b.kit.test'), [])
    })

    const pebble = await startPebble({ httpPort: 1, dnsServer: `127.0.0.1:${port}` })
    t.teardown(() => pebble.stop())
    const issued = await orderCertificate({
      server: {
        directory: pebble.directory,
        accountKey: accountKey(join(root, 'accounts'), pebble.directory),
        transport: createTransport({ ca: readFileSync(pebble.caFile, 'utf8'), proxy: {}, now }),
      },
      names: ['kit.test', '*.kit.test'],
      prover: proverWith(),
      publiclyTrusted: false,
    })
    t.ok(new X509Certificate(issued.fullchain).checkHost('any.kit.test'), 'the ACME server saw it in bind9')
    t.same(await values('_acme-challenge.kit.test'), [], 'nothing stays behind')
  },
)

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
