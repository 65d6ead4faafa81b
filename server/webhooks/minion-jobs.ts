/** What a recipe does with a minion is a job; a try that was cut off finds its own job again. */
import { NAME, type Config } from '../config/config.ts'
import { asSummonerError } from '../errors.ts'
import type { Job, Jobs } from '../jobs/job.ts'
import type { About } from './actions/action.ts'
import type { Outcome } from './delivery.ts'
import { actorOf } from './loop-guard.ts'
import type { MinionVerb } from './recipe.ts'

export interface MinionJobsDeps {
  jobs: Pick<Jobs, 'submit' | 'list' | 'ended' | 'get'>
  applications(): Config['applications']
}

const KINDS: Record<MinionVerb, { kind: string; input: object }> = {
  start: { kind: 'start', input: { wish: true } },
  stop: { kind: 'stop', input: { wish: true } },
  restart: { kind: 'restart', input: { wish: false } },
  redeploy: { kind: 'summon', input: {} },
  backup: { kind: 'backup', input: {} },
  dump: { kind: 'dump', input: {} },
}

export function createMinionJobs({ jobs, applications }: MinionJobsDeps) {
  return async (verb: MinionVerb, minion: string, about: About): Promise<Outcome> => {
    if (!new RegExp(NAME, 'u').test(minion) || applications().every(({ name }) => name !== minion))
      return { ok: false, retry: false, error: `There is no minion ${JSON.stringify(minion.slice(0, 60))}.` }
    const actor = actorOf(about.recipe, about.id)
    const known = jobs.list({ minion, limit: 50 }).find((job) => job.actor === actor)
    let job: Job
    try {
      const { kind, input } = KINDS[verb]
      job = known ?? jobs.submit({ kind, minion, input: { minion, ...input }, actor })
    } catch (error) {
      return { ok: false, retry: false, error: `It cannot ${verb} minions: ${(error as Error).message}` }
    }
    try {
      job = await jobs.ended(job.id)
    } catch (error) {
      return { ok: false, retry: true, error: asSummonerError(error).message }
    }
    const value = { job: job.id, state: job.state }
    if (job.state === 'succeeded') return { ok: true, value }
    // a job undoes what it did and says why it failed; doing it again by itself would only do so again
    return { ok: false, retry: false, error: job.problem?.detail ?? `The job ended as ${job.state}.` }
  }
}
