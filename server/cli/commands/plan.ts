import type { Plan } from '../../minions/plan.ts'
import type { Command } from '../command.ts'
import { renderPlan } from '../plan-view.ts'

export const plan: Command = {
  name: 'plan',
  summary: 'show what `apply` would change',
  options: {
    'detailed-exitcode': { type: 'boolean', help: 'exit 2 when there are changes' },
  },
  examples: ['summoner plan', 'summoner plan --json'],
  run: async ({ api, options, out }) => {
    const planned = await api.call<Plan>('GET', '/config/plan')
    out.document(planned)
    out.line(...renderPlan(planned, out.style))
    return options.flag('detailed-exitcode') && planned.changes.length > 0 ? 2 : 0
  },
}
