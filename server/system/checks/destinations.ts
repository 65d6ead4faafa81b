import type { DestinationView } from '../../backups/destinations/destination.ts'
import type { Check } from '../doctor.ts'

export interface DestinationsDeps {
  list(): readonly DestinationView[]
  now(): number
}

/** A disk that breaks takes its backups with it. */
export const destinationsCheck = ({ list, now }: DestinationsDeps): Check => ({
  id: 'destinations',
  title: 'Copies elsewhere',
  run: async () => {
    const all = list()
    if (all.length === 0)
      return {
        state: 'warn',
        detail: 'The backups lie on this server only.',
        hint: 'Name a place off this server under `backups.destinations` in config.yml (docs/backups.md).',
      }
    const detail = all.map((one) => `${one.name}: ${wordsOf(one, now())}`).join('\n')
    if (all.some(({ state }) => state === 'failed'))
      return { state: 'fail', detail, hint: 'Mend the cause named; it is tried again by itself.' }
    if (all.some(({ state }) => state === 'behind'))
      return { state: 'warn', detail, hint: 'Copies are under way: `summoner destinations`.' }
    return { state: 'ok', detail }
  },
})

function wordsOf({ state, problem, since, missing, sets }: DestinationView, now: number): string {
  if (state === 'failed') {
    const hours = since === undefined ? 0 : Math.floor((now - Date.parse(since)) / 3_600_000)
    return `no copies${hours > 0 ? ` for ${hours} h` : ''}. ${problem ?? ''}`.trim()
  }
  return state === 'behind' ? `${missing} sets wait for their copy` : `${sets} sets`
}
