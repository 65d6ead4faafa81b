import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { openAuthority } from './authority.ts'

const now = () => new Date()
const open = (dir: string, used = false) => openAuthority({ dir, used: () => used, now })
const openssl = (...argv: string[]) => execFileSync('openssl', argv, { encoding: 'utf8' })

t.test('the root has the extensions a strict client asks for, and lives ten years', async (t) => {
  const dir = t.testdir()
  await open(dir)
  const text = openssl('x509', '-in', join(dir, 'internal/root.pem'), '-noout', '-text')
  t.match(text, /Version: 3/)
  t.match(text, /Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
  t.match(text, /Key Usage: critical\s+Certificate Sign, CRL Sign/)
  t.match(text, /Subject Key Identifier/)
  t.match(text, /prime256v1/)
  const root = new X509Certificate(readFileSync(join(dir, 'internal/root.pem')))
  t.equal(Math.round((+root.validToDate - +root.validFromDate) / 86_400_000), 3652)
  t.equal(statSync(join(dir, 'internal/root.key')).mode & 0o777, 0o600)
  t.equal(statSync(join(dir, 'internal')).mode & 0o777, 0o700)
})

t.test('openssl verifies leaves with their names, strictly', async (t) => {
  const dir = t.testdir()
  const authority = await open(dir)
  const long = `${'a'.repeat(63)}.kit.test`
  for (const host of ['ghost.localhost', 'cloud.kit.test', long, 'localhost']) {
    const { fullchain } = await authority.issue([host])
    const file = join(dir, 'leaf.pem')
    writeFileSync(file, fullchain)
    const root = join(dir, 'internal/root.pem')
    const argv = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', root]
    t.match(openssl(...argv, '-verify_hostname', host, file), /: OK/)
    t.throws(() => openssl(...argv, '-verify_hostname', 'other.kit.test', file), `${host} is no other host`)
    const text = openssl('x509', '-in', file, '-noout', '-text')
    t.match(text, /Basic Constraints: critical\s+CA:FALSE/)
    t.match(text, /Extended Key Usage:\s+TLS Web Server Authentication/)
    t.match(text, /Authority Key Identifier/)
    const leaf = new X509Certificate(fullchain)
    t.equal(Math.round((+leaf.validToDate - +leaf.validFromDate) / 86_400_000), 90)
    t.ok(
      +leaf.validFromDate <= Date.now() - 3_590_000,
      'backdated by an hour for clients whose clock is late',
    )
    t.match(leaf.serialNumber, /^[4-7][0-9A-F]{31}$/, '128 bits')
  }
})

t.test('a TLS client that trusts only the root accepts the host and no other', async (t) => {
  const authority = await open(t.testdir())
  const { fullchain, privateKey } = await authority.issue(['ghost.kit.test'])
  const server = createServer({ cert: fullchain, key: privateKey }, (socket) => socket.end())
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const attempt = async (servername: string, ca: string) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ca })
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    socket.destroy()
  }
  await attempt('ghost.kit.test', authority.rootPem())
  await t.rejects(attempt('cloud.kit.test', authority.rootPem()), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  const stranger = await open(t.testdir({ other: {} }))
  await t.rejects(attempt('ghost.kit.test', stranger.rootPem()), 'another box signs nothing for this one')
})

t.test('opening again keeps the root; two boxes never share one', async (t) => {
  const dir = t.testdir({ a: {}, b: {} })
  const first = await open(join(dir, 'a'))
  const again = await open(join(dir, 'a'))
  const other = await open(join(dir, 'b'))
  t.equal(again.rootPem(), first.rootPem())
  const { fullchain } = await first.issue(['x.kit.test'])
  t.ok(again.signed(fullchain))
  t.notOk(other.signed(fullchain))
  t.not(new X509Certificate(other.rootPem()).subject, new X509Certificate(first.rootPem()).subject)
})

t.test('a damaged pair is made anew only while nothing was signed by it', async (t) => {
  const damages: Record<string, (dir: string) => void> = {
    'key missing': (dir) => rmSync(join(dir, 'internal/root.key')),
    'certificate missing': (dir) => rmSync(join(dir, 'internal/root.pem')),
    'key empty': (dir) => writeFileSync(join(dir, 'internal/root.key'), ''),
    'certificate garbled': (dir) => writeFileSync(join(dir, 'internal/root.pem'), 'nonsense'),
  }
  for (const [name, damage] of Object.entries(damages)) {
    const dir = t.testdir({ [name]: {} })
    const before = (await open(dir)).rootPem()
    damage(dir)
    const listing = readdirSync(join(dir, 'internal')).sort()
    await t.rejects(open(dir, true), { code: 'certificate.failed' }, `${name}: refused once used`)
    t.same(readdirSync(join(dir, 'internal')).sort(), listing, `${name}: nothing was touched`)
    const after = await open(dir, false)
    t.not(after.rootPem(), before, `${name}: made anew while unused`)
    t.notOk(readdirSync(dir).some((entry) => entry.startsWith('.unfinished')))
  }
})
