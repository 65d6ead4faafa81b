/** A way for tools that refuse private addresses: Summoner's hooks, reached from an address that counts as public. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { engine, type Box } from './box.ts'

const run = promisify(execFile)

/** Address of the hooks as the container may call it: by a network whose addresses count as public. */
export async function publicLane(t: Test, box: Box, container: string): Promise<string> {
  const host = `hooks.${box.domain}`
  const network = box.name('lane')
  const third = Number.parseInt(box.boxId().slice(0, 2), 16)
  await run('docker', ['network', 'create', '--subnet', `11.99.${third}.0/24`, network])
  await run('docker', ['network', 'connect', network, container])
  t.teardown(async () => {
    await run('docker', ['network', 'disconnect', '-f', network, container])
    await run('docker', ['network', 'rm', network])
  })
  const gateway = `11.99.${third}.1`
  const named = await engine.execIn(container, ['sh', '-c', 'echo "$HOST" >> /etc/hosts'], {
    user: '0',
    env: { HOST: `${gateway} ${host}` },
  })
  t.equal(named.code, 0, named.stderr)
  const forward = createServer((from) => {
    const to = connect(box.httpPort, '127.0.0.1')
    from.pipe(to).pipe(from)
    // kept connections must not keep the test
    for (const end of [from, to]) end.unref().on('error', () => (from.destroy(), to.destroy()))
  })
  await once(forward.listen(0, gateway), 'listening')
  t.teardown(() => forward.close())
  return `http://${host}:${(forward.address() as AddressInfo).port}`
}
