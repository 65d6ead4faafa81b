/** Keeps the proxy in step with what happens to containers, and lets summons wait for the proxy's own. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SummonerError } from '../errors.ts'
import type { Jobs } from '../jobs/job.ts'
import type { Publisher } from '../proxy/publish.ts'

const SETTLE_MS = 150
const PROXY_WITHIN_MS = 180_000

interface FollowDeps {
  publisher: Pick<Publisher, 'sync'>
  jobs: Pick<Jobs, 'active'>
  onError(error: unknown): void
}

export type Follower = ReturnType<typeof createFollower>

export function createFollower({ publisher, jobs, onError }: FollowDeps) {
  let timer: NodeJS.Timeout | undefined
  return {
    /** After a change of a container: several at once are one reload. */
    soon() {
      timer ??= setTimeout(() => {
        timer = undefined
        publisher.sync().catch((error: unknown) => {
          // while the proxy itself starts or stops there is nobody to talk to
          if (!(error instanceof SummonerError && error.code === 'proxy.unreachable')) onError(error)
        })
      }, SETTLE_MS)
    },
    async awaitProxyMinion(signal: AbortSignal) {
      const deadline = Date.now() + PROXY_WITHIN_MS
      while (jobs.active('nginx')) {
        if (Date.now() > deadline) throw new SummonerError('proxy.unreachable', 'The proxy is not there yet.')
        await sleep(100, undefined, { signal })
      }
    },
    stop: () => clearTimeout(timer),
  }
}
