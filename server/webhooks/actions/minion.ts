import type { Action } from './action.ts'

/** Start, stop, restart, redeploy, back up or dump a minion: a job like any other, awaited to its end. */
export const minion: Action = {
  rate: { perSecond: 1, burst: 3 },
  joins: false,
  parts: (call, _target, about) =>
    call.action === 'minion' ? [({ minion: act }) => act(call.verb, call.minion, about)] : [],
}
