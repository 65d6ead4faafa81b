/** Add: a new entry of config.yml, checked to the last byte before anything is queued. */
import type { Application } from '../config/config.ts'
import { addApplication } from '../config/edits.ts'
import { SummonerError } from '../errors.ts'
import type { Job } from '../jobs/job.ts'
import { refuseSharedNames } from '../templates/names.ts'
import { readApplied } from './applied.ts'
import type { MinionDeps } from './deps.ts'

type AddRequest = Pick<Application, 'template'> & Partial<Application>

/** The entry with its defaults, rendered once so that a 422 leaves nothing behind. */
export function newApplication(body: AddRequest, deps: MinionDeps): Application {
  const { config } = deps.config.read()
  const name = body.name ?? body.template
  const taken = config.applications.find((application) => application.name === name)
  if (taken && !(taken.name === 'nginx' && deps.projection.ours('nginx').length === 0))
    throw new SummonerError('minion.exists', `There is a minion called ${name} already.`)
  // the entry is written by the job: until then only the job knows the name
  const summoned = deps.jobs
    .list({ minion: name, limit: 10 })
    .some(({ kind, state }) => kind === 'summon' && (state === 'queued' || state === 'running'))
  if (summoned && name !== 'nginx')
    throw new SummonerError('minion.exists', `${name} is being summoned already.`)
  deps.catalog.reload()
  const application: Application = {
    name,
    template: body.template,
    subdomain: body.subdomain ?? name,
    state: 'running',
    database: body.database ?? 'dedicated',
    env: body.env ?? {},
    grants: body.grants ?? [],
    ...(body.version ? { version: body.version } : {}),
    ...(body.images ? { images: body.images } : {}),
  }
  if (name !== 'nginx') deps.config.preview(addApplication(application))
  const { rendered } = deps.wishes.renderOne(application, config)
  const others = deps.wishes.list(config).filter((wish) => wish.application.name !== name)
  refuseSharedNames([...others.flatMap((wish) => wish.rendered ?? []), rendered])
  const owner = config.applications
    .filter((other) => other.name !== name)
    .find((other) => readApplied(deps.dirs.records, other.name)?.host === rendered.host)
  if (owner) throw new SummonerError('host.taken', `${rendered.host} belongs to ${owner.name}.`)
  return application
}

/** Before anything is written: a host that cannot run it is told so at once. */
export async function refuseUnmetNeeds(
  template: string,
  deps: Pick<MinionDeps, 'catalog' | 'unmetNeeds'>,
): Promise<void> {
  const errors = await deps.unmetNeeds(deps.catalog.get(template))
  const [first] = errors
  if (!first) return
  const detail = `${template}: ${errors.map((need) => need.detail).join(' ')}`
  throw new SummonerError('host.lacking', detail, { hint: first.hint, errors })
}

/** The proxy comes along with the first minion of a box, however that one comes. */
export function bringProxy(actor: string, { dirs, jobs }: Pick<MinionDeps, 'dirs' | 'jobs'>): void {
  const there = readApplied(dirs.records, 'nginx') ?? jobs.active('nginx')
  if (!there) jobs.submit({ kind: 'summon', minion: 'nginx', input: { minion: 'nginx' }, actor })
}

export function submitSummon(application: Application, actor: string, deps: MinionDeps): Job {
  bringProxy(actor, deps)
  return deps.jobs.submit({
    kind: 'summon',
    minion: application.name,
    input: { minion: application.name, application },
    actor,
  })
}
