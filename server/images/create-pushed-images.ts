/** Pushing and bringing back of built images, put together. */
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { LABEL, type Engine } from '../docker/container.ts'
import type { Projection } from '../docker/projection.ts'
import type { JobKind, Jobs } from '../jobs/job.ts'
import type { Applied } from '../minions/applied.ts'
import { imagesRoutes } from './images.routes.ts'
import { createPushImages } from './push-images.ts'
import { createPushedImageStore } from './pushed-image-store.ts'
import type { BuiltService, RegistryMinion } from './pushed-image.ts'

interface PushedImagesDeps {
  db: Database
  engine: Engine
  projection: Pick<Projection, 'ours'>
  jobs: Jobs
  applied(): Map<string, Applied>
  readKept(dir: string): Record<string, string>
  minionsDir: string
  now(): Date
}

interface Input {
  minion: string
  registry: string
}

/** The template whose minions are registries. */
const TEMPLATE = 'registry'

export function createPushedImages(deps: PushedImagesDeps) {
  const registries = (): RegistryMinion[] =>
    [...deps.applied()].flatMap(([minion, { application, web, admin }]) => {
      const [site] = web
      if (application.template !== TEMPLATE || !site || !admin) return []
      const password = deps.readKept(join(deps.minionsDir, minion))[admin.passwordEnv] ?? ''
      const running = deps.projection
        .ours(minion)
        .some(({ service, state }) => service === site.service && state === 'running')
      return [{ minion, running, upstream: site.upstream, account: { user: admin.user, password } }]
    })
  const services = (minion: string): BuiltService[] => {
    const applied = deps.applied().get(minion)
    if (!applied) return []
    const { application, hash } = applied
    return applied.services.map(({ service, image }) => ({
      service,
      reference: image,
      template: application.template,
      hash,
    }))
  }
  const pushImages = createPushImages({
    engine: deps.engine,
    store: createPushedImageStore(deps.db),
    registries,
    services,
    builtLabel: LABEL.box,
    now: deps.now,
  })

  /** What the last run of a minion's job brought, until its result is read. */
  const done = new Map<string, unknown>()
  const kind = (verb: 'push' | 'pull'): JobKind<Input> => ({
    kind: `${verb}-images`,
    afterCrash: 'requeue',
    steps: ({ minion, registry }) => [
      {
        name: verb,
        run: async (context) =>
          void done.set(`${verb} ${minion}`, await pushImages[verb](minion, registry, context)),
      },
    ],
    result: ({ minion }) => {
      const images = done.get(`${verb} ${minion}`) ?? []
      done.delete(`${verb} ${minion}`)
      return { images }
    },
  })

  return {
    insteadOfBuilding: pushImages.insteadOfBuilding,
    kinds: [kind('push'), kind('pull')] as JobKind[],
    routes: imagesRoutes({
      pushImages,
      registries,
      minions: () => [...deps.applied().keys()],
      jobs: deps.jobs,
    }),
  }
}
