import t, { type Test } from 'tap'
import type { Job } from '../server/jobs/job.ts'
import type { Plan } from '../server/minions/plan.ts'
import { createBox, type Box } from './box.ts'
import { adminer } from './levels/adminer.ts'
import { dokuwiki } from './levels/dokuwiki.ts'
import { mediawiki } from './levels/mediawiki.ts'
import { redmine } from './levels/redmine.ts'
import { registry } from './levels/registry.ts'
import type { Account, Level } from './levels/level.ts'
import { createVisitor } from './visitor.ts'

/**
 * Every template beyond the default kit that is built from distribution packages, one after another: added through the
 * API, its front page, its administrator signs in and writes something, dismissed with its data kept, added again, and
 * what was written is there.
 */
const levels: Record<string, Level> = { adminer, dokuwiki, registry, mediawiki, redmine }

const box: Box = await createBox({ templates: [], catalogue: Object.keys(levels) })
t.teardown(() => box.remove())
const succeeded = (t: Test, job: Job) =>
  t.equal(job.state, 'succeeded', `${job.kind} ${job.minion}: ${JSON.stringify(job.problem)}`)

t.test('the proxy', { timeout: 300_000 }, async (t) => {
  for (const job of await box.apply()) succeeded(t, job)
})

for (const [template, level] of Object.entries(levels)) {
  t.test(template, { timeout: 1_200_000 }, async (t) => {
    const { body: found } = await box.api<{ findings: unknown[] }>('GET', `/templates/${template}/check`)
    t.same(found.findings, [])

    succeeded(t, await box.run('POST', '/minions', { template }))
    const host = `${template}.${box.domain}`
    const accountOf = async () =>
      (await box.api<{ admin: Account }>('GET', `/minions/${template}/secrets`)).body.admin
    const account = await accountOf()
    const visitor = createVisitor(box, host)
    t.match(account.url, `${visitor.origin}/`)
    await level.front(t, visitor)
    await level.signIn(t, visitor, account)
    await level.write(t, visitor, account)
    const stats = await box.api('GET', `/minions/${template}/stats`)
    t.comment(JSON.stringify(stats.body))

    succeeded(t, await box.run('DELETE', `/minions/${template}`))
    succeeded(t, await box.run('POST', '/minions', { template }))
    t.same(await accountOf(), account, 'the account is the same')
    const again = createVisitor(box, host)
    await level.signIn(t, again, account)
    await level.read(t, again, account)
    const { body: plan } = await box.api<Plan>('GET', '/config/plan')
    t.same(plan.changes, [])
    succeeded(t, await box.run('DELETE', `/minions/${template}?purge=true`))
  })
}
