/** Many certificates under trouble: rejected nonces, slow validation, a name server that fails, reused authorisations. */
import { X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { createKeeperRig, proofServer } from './keeper-rig.ts'
import { randomOf } from './kill-rounds.ts'
import { startPebble } from './pebble.ts'
import { startTroubledDns } from './troubled-dns.ts'

const HOUR = 3_600_000
const TOGETHER = 12

/** A third of them for each share of reused authorisations, side by side. */
export async function manyCertificates(t: Test, count: number, seed: number): Promise<void> {
  const shares = ['0', '50', '100']
  const sizes = shares.map((_, index) => Math.floor((count + index) / shares.length))
  const began = Date.now()
  const runs = await Promise.all(
    shares.map((reuse, index) => run(t, { reuse, size: sizes[index] ?? 0, seed })),
  )
  const sum = (of: (one: (typeof runs)[number]) => number) => runs.reduce((all, one) => all + of(one), 0)
  const [issued, orders, asked, failed] = [
    sum((one) => one.issued),
    sum((one) => one.orders),
    sum((one) => one.asked),
    sum((one) => one.failed),
  ]
  t.equal(issued, count, `${issued} of ${count} certificates`)
  const most = Math.max(...runs.map((one) => one.most))
  t.ok(most <= 5, `at most ${most} orders for one name in an hour`)
  t.comment(
    `seed ${seed}: ${issued} of ${count} issued by ${orders} orders, at most ${most} for a name and hour; ` +
      `${failed} of ${asked} questions answered SERVFAIL; ${runs.map((one) => `reuse ${one.reuse} %: ${one.orders} orders`).join(', ')}; ` +
      `the clock moved ${Math.max(...runs.map((one) => one.hours)).toFixed(1)} h; ${Math.round((Date.now() - began) / 1000)} s`,
  )
}

async function run(t: Test, { reuse, size, seed }: { reuse: string; size: number; seed: number }) {
  const dir = join(t.testdirName, `reuse-${reuse}`)
  mkdirSync(join(dir, 'proxy/acme'), { recursive: true })
  const web = await proofServer(join(dir, 'proxy/acme'))
  const dns = await startTroubledDns({ share: 0.3, random: randomOf(seed + Number(reuse)) })
  const pebble = await startPebble({
    httpPort: web.port,
    dnsServer: dns.address,
    // the clock runs ahead by days while names are tried again: what was issued must not end meanwhile
    validSeconds: 90 * 86_400,
    env: {
      PEBBLE_WFE_NONCEREJECT: '50',
      PEBBLE_AUTHZREUSE: reuse,
      PEBBLE_VA_NOSLEEP: '0',
      PEBBLE_VA_SLEEPTIME: '1',
    },
  })
  dns.handOn(pebble.dnsServer)
  const clock = { ahead: 0 }
  const hosts = Array.from({ length: size }, (_, index) => `host${index}.kit.test`)
  const rig = createKeeperRig({
    dir,
    hosts,
    source: { directory: pebble.directory, ca: pebble.caFile },
    clock,
  })
  const lacking = () => rig.keeper.list().filter(({ certificate }) => !certificate)
  try {
    await rig.settle(1_800_000)
    for (let rounds = 0; lacking().length > 0 && rounds < 200; rounds++) {
      // to the moment when a dozen of them are due again
      const due = lacking()
        .map(({ nextAttempt }) => Date.parse(nextAttempt))
        .sort((a, b) => a - b)
      const next = due[Math.min(due.length, TOGETHER) - 1] ?? 0
      clock.ahead += Math.max(0, next - rig.now().getTime()) + 1_000
      await rig.settle(1_800_000)
    }
    const root = new X509Certificate(await pebble.root())
    const good = rig.keeper.list().filter(({ names: [name = ''], certificate }) => {
      const chain = readFileSync(certificate?.certificateFile ?? '/dev/null', 'utf8').split(
        /(?<=-----END CERTIFICATE-----)\n/,
      )
      const parts = chain.filter((pem) => pem.includes('BEGIN')).map((pem) => new X509Certificate(pem))
      const links = [...parts.slice(1), root]
      return (
        parts.length > 0 &&
        parts[0]?.checkHost(name) !== undefined &&
        parts.every((part, at) => part.verify(links[at]?.publicKey ?? root.publicKey))
      )
    })
    return {
      reuse,
      issued: good.length,
      orders: rig.attempts().length,
      most: Math.max(
        0,
        ...hosts.map((host) =>
          densest(
            rig
              .attempts()
              .filter(({ names }) => names === host)
              .map(({ startedAt }) => Date.parse(startedAt)),
          ),
        ),
      ),
      hours: clock.ahead / HOUR,
      ...dns.counts,
    }
  } finally {
    await rig.stop()
    await pebble.stop()
    dns.close()
    web.close()
  }
}

/** The most of these moments within one hour. */
const densest = (times: number[]): number =>
  Math.max(0, ...times.map((from) => times.filter((time) => time >= from && time < from + HOUR).length))
