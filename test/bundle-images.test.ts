/** A bundle with its images: on a machine whose engine has never seen them and cannot fetch or build them. */
import t from 'tap'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../server/jobs/job.ts'
import { createEngine } from '../server/docker/engine.ts'
import { succeeded } from './aftermath.ts'
import { createBackupBox, setsOf } from './backup-box.ts'
import { createSecondEngine, type SecondEngine } from './second-engine.ts'

let far: SecondEngine | undefined
let problem = ''
try {
  far = await createSecondEngine()
} catch (error) {
  problem = String(error)
}
const skip = far ? false : problem
t.teardown(() => far?.remove())

t.test('it runs there', { skip, timeout: 600_000 }, async (t) => {
  if (!far) return
  const from = await createBackupBox()
  t.teardown(() => from.remove())
  const web = from.name('web')
  succeeded(t, await from.run('POST', '/minions', { template: 'resting', name: web }))
  const [proxy] = (await from.minion('nginx')).containers
  const [container] = (await from.minion(web)).containers
  await far.load([proxy!.image])
  const made = await from.cli(['bundle', 'create', web, '--images', '--json'])
  t.equal(made.code, 0, made.stderr)
  const { path, password } = JSON.parse(made.stdout) as { path: string; password: string; job: Job }
  t.same(readdirSync(join(from.data, 'backups/bundles')), [path.split('/').at(-1)])

  const to = await createBackupBox({ engineSocket: far.socket })
  t.teardown(() => to.remove())
  const engine = createEngine({ socketPath: far.socket })
  t.equal(await engine.image(container!.image), undefined, 'nobody there has it')
  for (const job of await to.apply()) succeeded(t, job)
  const restored = await to.cli(['bundle', 'restore', path, '--yes'], `${password}\n`)
  t.equal(restored.code, 0, `${restored.stdout}\n${restored.stderr}`)
  t.match(await to.minion(web), { status: 'running' })
  t.equal((await to.visit(`${web}.${to.domain}`)).status, 200)
  t.ok(await engine.image(container!.image))
  t.equal((await setsOf(to, web)).length, 1)
  t.same(readdirSync(join(to.data, 'backups/bundles')), [], 'nothing of the work is left')
})
