/** Why a receiver took some webhooks more than once, told for each by what the daemon kept of its tries. */
import { join } from 'node:path'
import SQLite from 'better-sqlite3'

export interface Accounts {
  /** Numbers of the webhooks whose delivery was given up. */
  gone: Set<string>
  /** Taken again because the try was under way at a kill, or because its answer came when nobody waited any more. */
  killed: number
  late: number
  /** Numbers of those that came again for neither reason. */
  unexplained: string[]
}

interface Row {
  call: string
  state: string
  attempts: number
  settled: number
  unanswered: number
}

/** `taken`: how often each was taken; `hung`: tries of each that the receiver meant never to answer. */
export function settleAccounts(
  dir: string,
  taken: ReadonlyMap<string, number>,
  hung: ReadonlyMap<string, number>,
): Accounts {
  const db = new SQLite(join(dir, 'soak.db'), { readonly: true })
  const rows = db
    .prepare<[], Row>(
      `SELECT d.call, d.state, d.attempts, count(a.attempt) AS settled,
        count(*) FILTER (WHERE a.error IS NOT NULL AND a.status IS NULL) AS unanswered
      FROM deliveries d LEFT JOIN delivery_attempts a ON a.delivery = d.id GROUP BY d.id`,
    )
    .all()
  db.close()
  const accounts: Accounts = { gone: new Set(), killed: 0, late: 0, unexplained: [] }
  for (const { call, state, attempts, settled, unanswered } of rows) {
    const { n } = (JSON.parse(call) as { body: { n: string } }).body
    if (state === 'dead') accounts.gone.add(n)
    // a delivery that is over was meant to be taken once, a dead one never
    const more = (taken.get(n) ?? 0) - (state === 'delivered' ? 1 : 0)
    if (more <= 0) continue
    // a try that was begun and of which nothing is kept ended with the daemon
    const killed = Math.min(more, attempts - settled)
    const silent = attempts - settled + unanswered - (hung.get(n) ?? 0)
    const late = Math.min(more - killed, Math.max(0, silent - killed))
    accounts.killed += killed
    accounts.late += late
    if (killed + late < more) accounts.unexplained.push(n)
  }
  return accounts
}
