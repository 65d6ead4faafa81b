/** A plan as a diff for people. Pure. */
import type { Plan } from '../minions/plan.ts'
import type { Style } from './style.ts'
import { clean, fit } from './text.ts'

export const changesText = (count: number) => `${count} change${count === 1 ? '' : 's'}`

export function renderPlan(plan: Plan, style: Style): string[] {
  const paint = { '+': style.green, '~': style.yellow, '-': style.red }
  const width = Math.max(0, ...plan.changes.map(({ minion }) => clean(minion).length))
  const lines = plan.changes.flatMap(({ action, minion, reasons, asks }) => {
    const [first = '', ...more] = reasons.map(clean)
    const ask = asks ? style.yellow('  (asks first)') : ''
    return [
      `${paint[action](`${action} ${fit(clean(minion), width)}`)}  ${first}`.trimEnd() + ask,
      ...more.map((reason) => `${' '.repeat(width + 4)}${reason}`),
    ]
  })
  const counts = [
    ['to add', plan.changes.filter(({ action }) => action === '+').length],
    ['to change', plan.changes.filter(({ action }) => action === '~').length],
    ['to remove', plan.changes.filter(({ action }) => action === '-').length],
  ].filter(([, count]) => count !== 0)
  const sum =
    counts.length === 0
      ? `Nothing to change; ${plan.unchanged} as they should be.`
      : `${counts.map(([what, count]) => `${count} ${what}`).join(', ')}; ${plan.unchanged} unchanged.`
  return [
    ...plan.warnings.map((warning) => `${style.yellow('!')} ${clean(warning)}`),
    ...lines,
    ...(lines.length > 0 ? [''] : []),
    sum,
  ]
}
