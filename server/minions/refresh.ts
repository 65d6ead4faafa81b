/** Looks at one minion's containers at once, without waiting for the engine's events. */
import { LABEL, type Engine } from '../docker/container.ts'
import type { Projection } from '../docker/projection.ts'

export function createRefresh({
  engine,
  projection,
  boxId,
}: {
  engine: Pick<Engine, 'listContainers'>
  projection: Projection
  boxId: string
}): (minion: string) => Promise<void> {
  return async (minion) => {
    const found = await engine.listContainers({
      labels: [`${LABEL.box}=${boxId}`, `${LABEL.minion}=${minion}`],
    })
    const gone = projection.ours(minion).filter(({ id }) => found.every((container) => container.id !== id))
    await Promise.all([...found, ...gone].map(({ id }) => projection.refresh(id)))
  }
}
