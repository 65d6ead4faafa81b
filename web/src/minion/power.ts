/** Start, stop, restart: which make sense now, and doing them. */
import type { Job } from '../../../server/jobs/job.ts'
import type { Minion } from '../../../server/minions/minion.ts'
import { part, post } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { notify, notifyTrouble } from '../parts/notices.tsx'
import { isServer } from './server.ts'

export type Power = 'start' | 'stop' | 'restart'

type Powered = Pick<Minion, 'status' | 'desired' | 'job' | 'template'>

export function powersOf({ status, desired, job, template }: Powered): Power[] {
  if (job !== undefined) return []
  if (status === 'stopped') return ['start']
  if (status === 'absent') return desired === 'absent' ? [] : ['start']
  // whose databases lie on it would lose them: it stops when nobody uses it any more
  const stop: Power[] = isServer({ template }) ? [] : ['stop']
  if (status === 'failed') return ['start', 'restart', ...stop]
  return ['restart', ...stop]
}

export async function power(name: string, verb: Power): Promise<Job | undefined> {
  try {
    const { job } = await post<{ job: Job }>(`/minions/${part(name)}/${verb}`)
    notify('notice', t(`power.${verb}.begun`, { name }))
    return job
  } catch (error) {
    notifyTrouble(error)
    return undefined
  }
}
