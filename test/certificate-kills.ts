/** kill -9 while certificates are ordered and swapped: what is on disk afterwards is whole, and the account is the same. */
import { spawn } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { openAuthority } from '../server/certificates/authority.ts'
import { createCertificateStore } from '../server/certificates/store.ts'
import type { ChildInput } from './certificate-child.ts'
import { proofServer } from './keeper-rig.ts'
import { randomOf } from './kill-rounds.ts'
import { startPebble } from './pebble.ts'

const CHILD = join(import.meta.dirname, 'certificate-child.ts')
const DAY = 86_400_000

/** Runs the child; kills it after so long, or lets it end. Says whether it was killed. */
async function run(input: ChildInput, killAfterMs?: number): Promise<boolean> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_code, signal) => resolve(signal)),
  )
  // what it says first means that it has begun in earnest
  if (input.mode === 'swap')
    await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), gone])
  if (killAfterMs !== undefined) {
    await Promise.race([sleep(killAfterMs), gone])
    child.kill('SIGKILL')
  }
  return (await gone) === 'SIGKILL'
}

/** Everything that nginx could be pointed at. */
function halves(dir: string): string[] {
  const found: string[] = []
  for (const name of readdirSync(dir)) {
    const folder = join(dir, name)
    if (name.startsWith('.') || !lstatSync(folder).isSymbolicLink()) continue
    try {
      const leaf = new X509Certificate(readFileSync(join(folder, 'fullchain.pem')))
      const key = createPrivateKey(readFileSync(join(folder, 'privkey.pem')))
      if (!leaf.checkPrivateKey(key)) found.push(`${name}: the key is of another certificate`)
    } catch (error) {
      found.push(`${name}: ${String(error)}`)
    }
  }
  return found
}

const accountKeys = (dir: string): string[] =>
  readdirSync(join(dir, 'state/acme')).map((folder) =>
    readFileSync(join(dir, 'state/acme', folder, 'account.key'), 'utf8'),
  )

export async function killOrders(t: Test, rounds: number, seed: number): Promise<void> {
  const random = randomOf(seed)
  const dir = t.testdirName
  mkdirSync(join(dir, 'proxy/acme'), { recursive: true })
  const web = await proofServer(join(dir, 'proxy/acme'))
  t.teardown(web.close)
  const pebble = await startPebble({ httpPort: web.port, env: { PEBBLE_WFE_NONCEREJECT: '5' } })
  t.teardown(() => pebble.stop())
  const hosts = ['a', 'b', 'c', 'd'].map((name) => `${name}.kit.test`)
  const input = { mode: 'order', dir, hosts, directory: pebble.directory, ca: pebble.caFile } as const
  t.notOk(await run({ ...input, ahead: 0 }), 'the first round ends by itself')
  const [key] = accountKeys(dir)
  let killed = 0
  for (let round = 1; round <= rounds; round++) {
    // so far ahead that every certificate is due again
    if (await run({ ...input, ahead: round * 8 * DAY }, 400 + random() * 2_600)) killed++
    t.same(halves(join(dir, 'certificates')), [], `round ${round}: every pair is whole`)
    t.same(accountKeys(dir), [key], 'one account, the same')
  }
  t.ok(killed > 0, `${killed} of ${rounds} were killed at work, seed ${seed}`)
  await run({ ...input, ahead: (rounds + 1) * 8 * DAY })
  const store = createCertificateStore({ dir: join(dir, 'certificates') })
  t.same(
    store.list().map(({ name }) => name),
    hosts,
  )
  t.same(
    readdirSync(join(dir, 'certificates/.versions')).flatMap((name) =>
      readdirSync(join(dir, 'certificates/.versions', name)).filter((version) => version.startsWith('.')),
    ),
    [],
    'nothing half-written is left',
  )
}

export async function killSwaps(t: Test, rounds: number, seed: number): Promise<void> {
  const random = randomOf(seed)
  const dir = join(t.testdirName, 'swap')
  mkdirSync(join(dir, 'certificates'), { recursive: true })
  await openAuthority({ dir: join(dir, 'certificates'), used: () => false, now: () => new Date() })
  const input: ChildInput = { mode: 'swap', dir, hosts: ['a.kit.test'], ahead: 0, directory: '', ca: '' }
  for (let round = 1; round <= rounds; round++) {
    t.ok(await run(input, random() * 150))
    t.same(halves(join(dir, 'certificates')), [], `round ${round}: the pair is whole`)
  }
}
