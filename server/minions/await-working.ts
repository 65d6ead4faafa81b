/** A minion works when its containers are healthy and its own address answers as the template says it should. */
import { SummonerError } from '../errors.ts'
import type { StepContext } from '../jobs/job.ts'
import { readApplied } from './applied.ts'
import { awaitHealthy } from './await-healthy.ts'
import type { MinionDeps } from './deps.ts'
import { awaitAnswer } from './probe.ts'

const START_PERIOD = 120
const GRACE = 60

export async function awaitWorking(minion: string, deps: MinionDeps, context: StepContext): Promise<void> {
  const applied = readApplied(deps.dirs.records, minion)
  if (!applied) throw new SummonerError('minion.unknown', `${minion} was never brought up.`)
  const { services, health, web, host } = applied
  const withinSeconds = (health.start_period ?? START_PERIOD) + GRACE
  await awaitHealthy({ minion, services, withinSeconds }, deps, context)
  const upstream = web[0]?.upstream
  if (!upstream || !health.path) return
  const [address = '', port = '80'] = upstream.split(':')
  await awaitAnswer(
    { address, port: Number(port), host, path: health.path },
    { status: health.status, json: health.json },
    { withinSeconds: GRACE, signal: context.signal, onTry: (why) => context.log(`${health.path}: ${why}`) },
  )
}
