/** Summon: from a line in config.yml to a site that answers. The same job carries out every later change of the minion. */
import { join } from 'node:path'
import type { Application, Config } from '../config/config.ts'
import * as compose from '../docker/compose.ts'
import { SummonerError } from '../errors.ts'
import type { JobKind, Step, StepContext } from '../jobs/job.ts'
import type { Rendered } from '../templates/rendered.ts'
import type { Template } from '../templates/template.ts'
import { readApplied, removeApplied, writeApplied, type Applied } from './applied.ts'
import { awaitHealthy } from './await-healthy.ts'
import { fingerprint } from './fingerprint.ts'
import type { MinionDeps } from './deps.ts'
import { awaitAnswer } from './probe.ts'
import { runCommand } from './run-command.ts'

export interface SummonInput {
  minion: string
  /** Present for `add`: the entry to write into config.yml first. */
  application?: Application
}

const START_PERIOD = 120
const GRACE = 60

export function summonKind(deps: MinionDeps): JobKind<SummonInput> {
  return {
    kind: 'summon',
    afterCrash: 'requeue',
    steps: (input) => summonSteps(input, deps),
    result: ({ minion }) => ({ url: readApplied(deps.dirs.minions, minion)?.url }),
  }
}

/** What the steps hand on to each other. */
interface Work {
  config: Config
  application: Application
  template: Template
  rendered: Rendered
  before: Applied | undefined
  dir: string
}

function summonSteps({ minion, application }: SummonInput, deps: MinionDeps): Step[] {
  let work: Work | undefined
  /** From here on a failure (certificate, proxy, name) leaves a working application alone. */
  let healthy = false
  const current = (): Work => {
    if (!work) throw new SummonerError('internal', 'A step ran before the minion was rendered.')
    return work
  }
  const dir = join(deps.dirs.minions, minion)
  const proxied = minion !== 'nginx'

  const steps: Step[] = [
    {
      name: 'config',
      run: async () => {
        if (application) await deps.config.edit((edit) => edit.addApplication(application))
      },
    },
    {
      name: 'files',
      run: async (context) => {
        work = await prepare(minion, dir, deps, context)
      },
      undo: async () => {
        if (!healthy) await deps.restorePrevious(dir)
      },
    },
    { name: 'images', run: (context) => provideImages(current(), deps, context) },
    {
      name: 'containers',
      run: (context) => bringUp(current(), deps, context),
      undo: async (context) => {
        if (!healthy) await takeBack(current(), deps, context)
      },
      uncancellable: true,
    },
    { name: 'healthy', run: (context) => settle(current(), deps, context) },
    ...(proxied
      ? [
          { name: 'rename', run: (context: StepContext) => renameInside(current(), deps, context) },
          { name: 'administrator', run: () => firstAdministrator(current(), deps) },
        ]
      : []),
    {
      name: 'ready',
      run: async () => {
        await amend(minion, deps, { ready: true })
        healthy = true
      },
    },
    { name: 'proxy', run: (context) => serve(current(), deps, context) },
    { name: 'address', run: (context) => answerPublicly(current(), deps, context) },
  ]
  return steps
}

async function prepare(minion: string, dir: string, deps: MinionDeps, context: StepContext): Promise<Work> {
  const { config } = await deps.config.read()
  const application = config.applications.find(({ name }) => name === minion)
  if (!application) throw new SummonerError('minion.unknown', `${minion} is not in config.yml any more.`)
  const template = deps.catalog.get(application.template)
  const before = readApplied(deps.dirs.minions, minion)
  const instance = await deps.instances.decide(application, template, config)
  try {
    const rendered = deps.render(deps.wishes.input(application, config, instance, deps.readKept(dir)))
    for (const name of rendered.secrets) deps.redactor.add(rendered.env[name] ?? '')
    await deps.createFolders(rendered.folders)
    if (minion === 'nginx') await deps.proxy.prepareTree()
    const changed = await deps.writeInstance({ dir, template, rendered, instance })
    context.log(changed ? `Wrote ${dir}` : 'The files are as they should be.')
    return { config, application, template, rendered, before, dir }
  } finally {
    deps.instances.release(minion)
  }
}

async function provideImages(
  { rendered, template, dir }: Work,
  deps: MinionDeps,
  context: StepContext,
): Promise<void> {
  await deps.images.ensure(rendered.images, template.dir, context)
  if (Object.values(template.compose.services).some(({ build }) => build !== undefined))
    await deps.exec(compose.build({ project: rendered.project, dir }), {
      signal: context.signal,
      timeoutMs: 3_600_000,
      onLine: context.log,
      env: { DOCKER_BUILDKIT: '0' },
    })
}

async function bringUp(work: Work, deps: MinionDeps, context: StepContext): Promise<void> {
  const { rendered, template, application, before, dir } = work
  const minion = rendered.minion
  const renamedFrom =
    before && before.host !== rendered.host && before.ready
      ? { host: before.host, url: before.url }
      : before?.renamedFrom
  if (before && before.host !== rendered.host)
    for (const command of template.description.rename?.before ?? [])
      await runCommand({ minion, command, variables: rendered.env, env: renameEnv(before, rendered) }, deps)
  const applied: Applied = {
    application,
    templateHash: template.hash,
    hash: rendered.hash,
    project: rendered.project,
    host: rendered.host,
    url: rendered.url,
    web: rendered.web,
    services: rendered.services,
    secrets: rendered.secrets,
    images: deps.readInstance(dir)?.images ?? 'registry',
    stableSeconds: template.description.health?.stable_for ?? 10,
    ready: before?.ready ?? false,
    fingerprints: {},
    ...(rendered.admin ? { admin: rendered.admin } : {}),
    ...(renamedFrom ? { renamedFrom } : {}),
  }
  // written first: whatever `up` leaves behind after a crash is known to be ours to judge
  await writeApplied(deps.dirs.minions, minion, applied)
  if (before && before.project !== rendered.project)
    await deps.exec(compose.down({ project: before.project, dir }))
  await deps.exec(compose.up({ project: rendered.project, dir }), { onLine: context.log, timeoutMs: 900_000 })
  await deps.refreshMinion(minion)
}

/** A first summon leaves no container; a change puts the previous files back and brings them up. */
async function takeBack(
  { rendered, before, dir }: Work,
  deps: MinionDeps,
  context: StepContext,
): Promise<void> {
  if (before?.ready) {
    await deps.restorePrevious(dir)
    await writeApplied(deps.dirs.minions, rendered.minion, before)
    await deps.exec(compose.up({ project: before.project, dir }), { onLine: context.log, timeoutMs: 900_000 })
  } else {
    await deps.exec(compose.down({ project: rendered.project, dir }, 10), { onLine: context.log })
    await removeApplied(deps.dirs.minions, rendered.minion)
  }
  await deps.refreshMinion(rendered.minion)
  await deps
    .syncProxy()
    .catch((error: unknown) => context.log(`The proxy was not brought back: ${String(error)}`))
}

async function settle(
  { rendered, template, dir }: Work,
  deps: MinionDeps,
  context: StepContext,
): Promise<void> {
  const health = template.description.health ?? {}
  const withinSeconds = (health.start_period ?? START_PERIOD) + GRACE
  await awaitHealthy({ minion: rendered.minion, services: rendered.services, withinSeconds }, deps, context)
  const web = rendered.web[0]
  if (web && health.path) {
    const [address = '', port = '80'] = web.upstream.split(':')
    await awaitAnswer(
      { address, port: Number(port), host: rendered.host, path: health.path },
      { status: health.status, json: health.json },
      { withinSeconds: GRACE, signal: context.signal, onTry: (why) => context.log(`${health.path}: ${why}`) },
    )
  }
  const fingerprints = Object.fromEntries(
    deps.projection
      .ours(rendered.minion)
      .map((container) => [container.service ?? container.name, fingerprint(container)]),
  )
  await amend(rendered.minion, deps, { fingerprints })
  context.log(`Healthy, in ${dir}`)
}

async function renameInside(
  { rendered, template }: Work,
  deps: MinionDeps,
  context: StepContext,
): Promise<void> {
  const from = readApplied(deps.dirs.minions, rendered.minion)?.renamedFrom
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
  await amend(rendered.minion, deps, { renamedFrom: undefined })
}

async function firstAdministrator({ rendered, template }: Work, deps: MinionDeps): Promise<void> {
  const create = template.description.admin?.create
  if (create) await runCommand({ minion: rendered.minion, command: create, variables: rendered.env }, deps)
}

async function serve({ rendered }: Work, deps: MinionDeps, context: StepContext): Promise<void> {
  if (rendered.minion !== 'nginx') await deps.awaitProxyMinion(context.signal)
  const applied = await deps.syncProxy()
  const rejected = applied.rejected.find(({ host }) => host === rendered.host)
  if (rejected) throw new SummonerError('proxy.invalid', `${rejected.host}: ${rejected.message}`)
  context.log(applied.changed ? 'nginx serves the new address.' : 'nginx had nothing to change.')
}

async function answerPublicly(
  { rendered, config, template }: Work,
  deps: MinionDeps,
  context: StepContext,
): Promise<void> {
  if (rendered.minion === 'nginx' || rendered.web.length === 0) return
  const plain = config.tls === 'none'
  await awaitAnswer(
    {
      address: '127.0.0.1',
      port: plain ? deps.box.httpPort : deps.box.httpsPort,
      host: rendered.host,
      path: template.description.health?.path ?? '/',
      ...(plain ? {} : { tls: { ca: deps.certificates.rootPem() } }),
    },
    { status: template.description.health?.status, json: undefined },
    { withinSeconds: GRACE, signal: context.signal, onTry: (why) => context.log(why) },
  )
  deps.events.append({
    type: 'minion.summoned',
    minion: rendered.minion,
    title: `${rendered.minion} answers at ${rendered.url}`,
  })
}

async function amend(
  minion: string,
  deps: MinionDeps,
  change: { [K in keyof Applied]?: Applied[K] | undefined },
): Promise<void> {
  const applied = readApplied(deps.dirs.minions, minion)
  if (!applied) throw new SummonerError('internal', `${minion} lost its record while it was summoned.`)
  await writeApplied(deps.dirs.minions, minion, { ...applied, ...change } as Applied)
}

const renameEnv = (from: { host: string; url: string }, to: Rendered) => ({
  OLD_HOST: from.host,
  OLD_URL: from.url,
  NEW_HOST: to.host,
  NEW_URL: to.url,
})
