import t from 'tap'
import { parseCron } from './cron.ts'
import { housekeeping } from './housekeeping.ts'

t.test('every chore has a name, a time and its own work, and no quiet hour holds it back', async (t) => {
  const done: string[] = []
  const chore = (name: string) => () => void done.push(name)
  const schedules = housekeeping({
    lookAtDisks: chore('disks'),
    lookForUpdates: chore('updates'),
    renewCertificates: chore('proxy'),
    forgetCertificates: chore('stale-certificates'),
    rotateLogs: chore('rotate-logs'),
  })
  for (const { cron, always, run } of schedules) {
    t.doesNotThrow(() => parseCron(cron))
    t.equal(always, true)
    await run()
  }
  t.same(
    schedules.map(({ key }) => key),
    done,
  )
})
