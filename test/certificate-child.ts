/** A process that makes certificates until it is killed: `order` by the keeper, `swap` into the store as fast as it can. */
import { openAuthority } from '../server/certificates/authority.ts'
import { createCertificateStore } from '../server/certificates/store.ts'
import { createKeeperRig } from './keeper-rig.ts'

export interface ChildInput {
  mode: 'order' | 'swap'
  dir: string
  hosts: string[]
  ahead: number
  directory: string
  ca: string
}

const input = JSON.parse(process.argv[2] ?? '{}') as ChildInput
const { dir, hosts, ahead, directory, ca } = input
if (input.mode === 'order') {
  const rig = createKeeperRig({ dir, hosts, source: { directory, ca }, clock: { ahead } })
  await rig.settle()
  await rig.stop()
} else {
  const now = () => new Date()
  const store = createCertificateStore({ dir: `${dir}/certificates` })
  const authority = await openAuthority({ dir: `${dir}/certificates`, used: () => true, now })
  const pairs = await Promise.all(Array.from({ length: 8 }, () => authority.issue(hosts)))
  process.stdout.write('ready\n')
  for (let count = 0; ; count++) {
    const pair = pairs[count % pairs.length]
    if (pair) store.put(hosts[0] ?? '', hosts, pair)
    // lets the signal in
    await new Promise((resolve) => setImmediate(resolve))
  }
}
