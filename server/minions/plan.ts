/** What `apply` would do: desired against applied and observed; pure. */
import { Type, type Static } from 'typebox'
import type { Application } from '../config/config.ts'
import type { Container } from '../docker/container.ts'
import type { Rendered } from '../templates/rendered.ts'
import { serverEngine } from '../templates/shared-database.ts'
import type { Applied } from './applied.ts'

export const ChangeSchema = Type.Object({
  action: Type.Union([Type.Literal('+'), Type.Literal('~'), Type.Literal('-')]),
  minion: Type.String(),
  /** What the change is carried out as. */
  job: Type.Enum(['summon', 'dismiss', 'start', 'stop'] as const),
  reasons: Type.Array(Type.String()),
  /** Removes or renames: needs --yes. */
  asks: Type.Boolean(),
})
export type Change = Static<typeof ChangeSchema>

export const PlanSchema = Type.Object({
  changes: Type.Array(ChangeSchema),
  unchanged: Type.Integer(),
  warnings: Type.Array(Type.String()),
})
export type Plan = Static<typeof PlanSchema>

/** One wished application with what it renders to now; `problem` where it does not. */
export interface Wished {
  application: Application
  templateHash: string
  rendered?: Rendered
  problem?: string
  /** More to be said of it when it is new. */
  note?: string
}

export interface PlanInput {
  wished: readonly Wished[]
  applied: ReadonlyMap<string, Applied>
  /** Containers of this box by minion. */
  observed: ReadonlyMap<string, readonly Container[]>
  drift: ReadonlyMap<string, readonly string[]>
}

export function planOf({ wished, applied, observed, drift }: PlanInput): Plan {
  const plan: Plan = { changes: [], unchanged: 0, warnings: [] }
  const wanted = new Set(wished.map(({ application }) => application.name))
  for (const wish of wished) {
    const { name } = wish.application
    if (wish.problem) {
      plan.warnings.push(`${name}: ${wish.problem}`)
      continue
    }
    const change = changeOf(wish, applied.get(name), observed.get(name) ?? [], drift.get(name) ?? [])
    if (change) plan.changes.push(change)
    else plan.unchanged++
  }
  for (const name of new Set([...applied.keys(), ...observed.keys()]))
    if (!wanted.has(name)) {
      const server = serverEngine(name) !== undefined
      plan.changes.push({
        action: '-',
        minion: name,
        job: 'dismiss',
        reasons: [
          server ? 'no minion uses it any more; its data stays' : 'no longer in config.yml; its data stays',
        ],
        asks: !server,
      })
    }
  return plan
}

function changeOf(
  { application, templateHash, rendered, note }: Wished,
  applied: Applied | undefined,
  containers: readonly Container[],
  drift: readonly string[],
): Change | undefined {
  const minion = application.name
  const oneshots = new Set(applied?.services.filter(({ oneshot }) => oneshot).map(({ service }) => service))
  const lasting = containers.filter(({ service }) => !service || !oneshots.has(service))
  const anyUp = lasting.some(({ state }) => state === 'running' || state === 'restarting')
  if (application.state === 'stopped') {
    if (!anyUp) return undefined
    return { action: '~', minion, job: 'stop', reasons: ['running -> stopped'], asks: false }
  }
  if (!applied || containers.length === 0)
    return {
      action: '+',
      minion,
      job: 'summon',
      reasons: [
        `${application.template}${rendered && rendered.web.length > 0 ? ` at ${rendered.url}` : ''}`,
        ...(rendered?.database ? [`its database on ${rendered.database.server}`] : []),
        ...(note === undefined ? [] : [note]),
      ],
      asks: false,
    }

  const reasons =
    rendered && rendered.hash !== applied.hash
      ? differences(application, templateHash, rendered, applied)
      : []
  const renamed = rendered !== undefined && rendered.host !== applied.host
  if (reasons.length > 0 || drift.length > 0)
    return {
      action: '~',
      minion,
      job: 'summon',
      reasons: [...reasons, ...drift],
      asks: renamed && minion !== 'nginx',
    }
  if (!applied.ready)
    return { action: '~', minion, job: 'summon', reasons: ['was not brought up to the end'], asks: false }
  if (lasting.some(({ state }) => state !== 'running'))
    return { action: '~', minion, job: 'start', reasons: ['stopped -> running'], asks: false }
  return undefined
}

function differences(
  application: Application,
  templateHash: string,
  rendered: Rendered,
  applied: Applied,
): string[] {
  const reasons: string[] = []
  const before = applied.application
  if (rendered.host !== applied.host) reasons.push(`${applied.host} -> ${rendered.host}`)
  if (application.version !== before.version)
    reasons.push(
      `version ${before.version ?? 'of the template'} -> ${application.version ?? 'of the template'}`,
    )
  for (const key of new Set([...Object.keys(application.env), ...Object.keys(before.env)]))
    if (application.env[key] !== before.env[key]) reasons.push(`env ${key}`)
  const [lies, was] = [
    rendered.database?.server ?? 'a server of its own',
    applied.database?.server ?? 'a server of its own',
  ]
  if (lies !== was) reasons.push(`its database moves from ${was} to ${lies}`)
  for (const key of ['template', 'grants'] as const)
    if (JSON.stringify(application[key]) !== JSON.stringify(before[key])) reasons.push(key)
  if (templateHash !== applied.templateHash) reasons.push('the template changed')
  return reasons.length > 0 ? reasons : ['settings of the box changed']
}
