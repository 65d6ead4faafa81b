/** The second half of a summon: healthy, renamed, administered, served, answering. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SummonerError } from '../errors.ts'
import type { StepContext } from '../jobs/job.ts'
import { readApplied } from './applied.ts'
import { awaitWorking } from './await-working.ts'
import type { MinionDeps } from './deps.ts'
import { fingerprint } from './fingerprint.ts'
import { awaitAnswer } from './probe.ts'
import { runCommand } from './run-command.ts'
import { versionChange } from './version-change.ts'
import { amend, renameEnv, type Work } from './summon-work.ts'

/** For the proxy's way to a site that works already. */
const GRACE = 60
const CERTIFIED_WITHIN_MS = 180_000

export async function settle({ rendered, dir }: Work, deps: MinionDeps, context: StepContext): Promise<void> {
  await awaitWorking(rendered.minion, deps, context)
  const fingerprints = Object.fromEntries(
    deps.projection
      .ours(rendered.minion)
      .map((container) => [container.service ?? container.name, fingerprint(container)]),
  )
  amend(rendered.minion, deps, { fingerprints })
  context.log(`Healthy, in ${dir}`)
}

export async function renameInside(
  { rendered, template }: Work,
  deps: MinionDeps,
  context: StepContext,
): Promise<void> {
  const from = readApplied(deps.dirs.records, rendered.minion)?.renamedFrom
  if (!from) return
  if (from.host !== rendered.host) {
    for (const command of template.description.rename?.after ?? [])
      context.log(
        await runCommand(
          { minion: rendered.minion, command, variables: rendered.env, env: renameEnv(from, rendered) },
          deps,
        ),
      )
    deps.formerHosts.add(from.host, rendered.minion, deps.now().toISOString())
  }
  deps.formerHosts.remove(rendered.host)
  amend(rendered.minion, deps, { renamedFrom: undefined })
}

export async function firstAdministrator({ rendered, template }: Work, deps: MinionDeps): Promise<void> {
  const create = template.description.admin?.create
  if (create) await runCommand({ minion: rendered.minion, command: create, variables: rendered.env }, deps)
}

export async function serve({ rendered }: Work, deps: MinionDeps, context: StepContext): Promise<void> {
  if (rendered.minion !== 'nginx') {
    await deps.awaitProxyMinion(context.signal)
    if (rendered.web.length > 0 && !deps.projection.ours('nginx').some(({ state }) => state === 'running'))
      throw new SummonerError('proxy.unreachable', `nginx does not run, so ${rendered.host} is not served.`)
  }
  const applied = await deps.syncProxy()
  const rejected = applied.rejected.find(({ host }) => host === rendered.host)
  if (rejected) throw new SummonerError('proxy.invalid', `${rejected.host}: ${rejected.message}`)
  context.log(applied.changed ? 'nginx serves the new address.' : 'nginx had nothing to change.')
}

export async function answerPublicly(
  { rendered, config, template, before }: Work,
  deps: MinionDeps,
  context: StepContext,
): Promise<void> {
  const update = before?.ready && versionChange(before.services, rendered.services, rendered.web[0]?.service)
  if (update)
    deps.events.append({
      type: 'minion.updated',
      minion: rendered.minion,
      title: `${rendered.minion} was updated from ${update.from} to ${update.to}`,
      data: { ...update, job: context.jobId },
    })
  if (rendered.minion === 'nginx' || rendered.web.length === 0) return
  const { tls = config.tls } = config.applications.find(({ name }) => name === rendered.minion) ?? {}
  const plain = tls === 'none'
  await awaitAnswer(
    {
      address: '127.0.0.1',
      port: plain ? deps.box.httpPort : deps.box.httpsPort,
      host: rendered.web[0]?.host ?? rendered.host,
      path: template.description.health?.path ?? '/',
      ...(plain ? {} : { tls: { ca: () => deps.certificates.trust(rendered.host) } }),
    },
    { status: template.description.health?.status, json: undefined },
    { withinSeconds: GRACE, signal: context.signal, onTry: (why) => context.log(why) },
  )
  deps.events.append({
    type: 'minion.summoned',
    minion: rendered.minion,
    title: `${rendered.minion} answers at ${rendered.url}`,
    data: { job: context.jobId },
  })
}

/** Waits for the first try only: without success the site keeps its internal certificate, and the tries go on. */
export async function certify({ rendered }: Work, deps: MinionDeps, context: StepContext): Promise<void> {
  const hosts = rendered.web.map(({ host }) => host)
  if (hosts.every((host) => deps.keeper.settled(host) && deps.keeper.problem(host) === undefined)) return
  const deadline = deps.now().getTime() + CERTIFIED_WITHIN_MS
  while (!hosts.every((host) => deps.keeper.settled(host))) {
    if (deps.now().getTime() > deadline)
      return context.log('The certificate is not there yet; the tries go on.')
    await sleep(250, undefined, { signal: context.signal })
  }
  for (const host of hosts) {
    const problem = deps.keeper.problem(host)
    context.log(problem ?? `${host} has its certificate.`)
  }
  await deps.syncProxy()
}
