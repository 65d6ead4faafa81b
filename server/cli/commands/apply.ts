import { suggest } from '../../config/suggest.ts'
import type { Job } from '../../jobs/job.ts'
import type { Plan } from '../../minions/plan.ts'
import type { Command } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import { changesText, renderPlan } from '../plan-view.ts'
import { agrees } from '../prompt.ts'
import { Refusal, usageError } from '../refusal.ts'

export const apply: Command = {
  name: 'apply',
  summary: 'make the box what config.yml says',
  details: 'Shows the plan first. Removing and renaming asks, or needs --yes.',
  arguments: [{ name: 'MINION', optional: true, repeat: true, completes: 'minion' }],
  options: { yes: { type: 'boolean', short: 'y', help: 'do not ask' } },
  examples: ['summoner apply', 'summoner apply wordpress', 'summoner apply --yes'],
  run: async (context) => {
    const { args, api, options, out, world } = context
    const plan = chosen(await api.call<Plan>('GET', '/config/plan'), args)
    out.line(...renderPlan(plan, out.style))
    let yes = options.flag('yes')
    if (!yes && plan.changes.some(({ asks }) => asks)) {
      if (!world.ask || out.json)
        throw new Refusal({
          code: 'plan.confirm',
          title: 'This change removes or renames something',
          detail: plan.changes
            .flatMap(({ asks, action, minion }) => (asks ? [`${action} ${minion}`] : []))
            .join(', '),
          hint: 'Repeat with --yes once you have read the plan.',
        })
      if (!(await agrees(world.ask))) {
        out.line('Nothing was changed.')
        return 1
      }
      yes = true
    }
    // also when no minion changes: the proxy's part of config.yml stands in no plan
    const { jobs } = await api.call<{ jobs: Job[] }>('POST', '/config/apply', {
      ...(yes ? { yes } : {}),
      ...(args.length > 0 ? { only: args } : {}),
    })
    const ended = await followJobs(jobs, context)
    out.document({ plan, jobs: ended })
    const failed = ended.filter(({ state }) => state !== 'succeeded').length
    const code = reportFailures(ended, context)
    out.line(
      failed > 0 ? `${changesText(plan.changes.length)}, ${failed} failed` : changesText(plan.changes.length),
    )
    return code
  },
}

function chosen(plan: Plan, names: readonly string[]): Plan {
  if (names.length === 0) return plan
  const known = plan.changes.map(({ minion }) => minion)
  for (const name of names) {
    const near = known.includes(name) ? undefined : suggest(name, known)
    if (near) throw usageError(`The plan has no change of \`${name}\``, `Did you mean \`${near}\`?`)
  }
  const changes = plan.changes.filter(({ minion }) => names.includes(minion))
  return { ...plan, changes, unchanged: plan.unchanged + plan.changes.length - changes.length }
}
