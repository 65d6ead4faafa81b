/** nginx itself would say so only in its log, after many restarts. */
import { SummonerError } from '../errors.ts'
import type { MinionDeps } from './deps.ts'

export async function refuseTakenPorts({
  box,
  projection,
  portHolders,
}: Pick<MinionDeps, 'box' | 'projection' | 'portHolders'>): Promise<void> {
  if (projection.ours('nginx').some(({ state }) => state === 'running')) return
  for (const port of [box.httpPort, box.httpsPort]) {
    const holders = await portHolders(port)
    if (holders.length > 0)
      throw new SummonerError(
        'port.taken',
        `nginx cannot listen on port ${port}: ${holders.join(' and ')} holds it.`,
      )
  }
}
